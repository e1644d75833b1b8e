public import Checkpoints
public import Recipes
import Tensors

extension Recipe {
    /// The recipe as a converter carries it out for which it was not planned: kept tensors in the formats in which the converter
    /// leaves them, without those that it leaves out, and the size that follows.
    ///
    /// What is planned stays as it is, whether the converter can make it or not.
    ///
    /// - Parameters:
    ///   - converter: The converter.
    ///   - model: The model that the finished file is made from.
    /// - Returns: The recipe, with the converter's name.
    /// - Throws: `CheckpointError` for metadata that no header can hold.
    public func carriedOut(by converter: any Converter, on model: Model) throws(CheckpointError) -> Recipe {
        let leftOut = converter.leftOut(of: model)
        let planned = plannedFormats(by: converter)
        var formats = planned.ofTensors
        let tensors = Dictionary(model.tensors.map { ($0.name, $0) }) { first, _ in first }
        let kept = self.kept.filter { !leftOut.contains($0.tensor) }.map { kept in
            guard let tensor = tensors[kept.tensor] else { return kept }
            let cast =
                converter.castsWithLayer(tensor)
                ? planned.ofTies[converter.tieKey(forLayer: kept.tensor)] : nil
            let own = cast.flatMap { converter.isUntouched($0) || !$0.fits(tensor) ? nil : $0 }
            guard
                let format = own ?? converter.keptFormat(for: tensor)
                    ?? QuantizationFormat(named: kept.format)
            else { return kept }
            formats[kept.tensor] = format
            let bytes = format.byteCount(of: tensor) ?? kept.bytes
            return Kept(tensor: kept.tensor, format: format.name, bytes: bytes)
        }
        let file = try converter.finishedFile(
            for: model,
            formats: madeFormats(of: model, kept: kept)
        )
        return Recipe(
            self,
            converter: converter.name,
            size: Self.size(of: model.tensors.filter { !leftOut.contains($0.name) }, formats, model, file),
            layers: layers,
            kept: kept
        )
    }

    /// The formats of planned tensors, by their names and by what ties tensors to them.
    private func plannedFormats(
        by converter: any Converter
    ) -> (ofTensors: [String: QuantizationFormat], ofTies: [String: QuantizationFormat]) {
        var formats: [String: QuantizationFormat] = [:]
        var tied: [String: QuantizationFormat] = [:]
        for layer in layers {
            guard let format = QuantizationFormat(named: layer.format) else { continue }
            for tensor in layer.tensors {
                formats[tensor] = format
                tied[converter.tieKey(forLayer: tensor)] = format
            }
        }
        return (formats, tied)
    }

    /// The size of a file of some tensors of a model, in these formats.
    private static func size(
        of tensors: [TensorInfo],
        _ formats: [String: QuantizationFormat],
        _ model: Model,
        _ file: FinishedFile
    ) -> Size {
        // A model has at most 2^56 elements, so that no sum of sizes overflows.
        var (data, padding, isWhole) = (0, 0, true)
        for tensor in tensors {
            guard let bytes = formats[tensor.name].flatMap({ $0.byteCount(of: tensor) }) else {
                isWhole = false
                continue
            }
            data += bytes
            padding += file.layout.paddedByteCount(bytes) - bytes
        }
        let overhead = file.layout.headerBytes + padding
        return Size(
            bytes: data + overhead,
            bitsPerWeight: Double(data + overhead) * 8 / Double(max(1, model.parameters)),
            tensorData: data,
            headerAndAlignment: overhead,
            exact: isWhole ? file.accuracy.exactness : .plannedLayers
        )
    }
}
