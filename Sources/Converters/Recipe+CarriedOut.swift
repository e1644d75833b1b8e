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
        var recipe = self
        recipe.converter = converter.name
        let leftOut = converter.leftOut(of: model)
        recipe.kept.removeAll { leftOut.contains($0.tensor) }
        let tensors = Dictionary(model.tensors.map { ($0.name, $0) }) { first, _ in first }
        var formats: [String: QuantizationFormat] = [:]
        var castFormats: [String: QuantizationFormat] = [:]
        for layer in layers {
            guard let format = QuantizationFormat(named: layer.format) else { continue }
            for tensor in layer.tensors {
                formats[tensor] = format
                castFormats[converter.tieKey(forLayer: tensor)] = format
            }
        }
        for (index, kept) in recipe.kept.enumerated() {
            guard let tensor = tensors[kept.tensor] else { continue }
            let cast =
                converter.castsWithLayer(tensor)
                ? castFormats[converter.tieKey(forLayer: kept.tensor)] : nil
            let own = cast.flatMap { converter.isUntouched($0) || !$0.fits(tensor) ? nil : $0 }
            guard
                let format = own ?? converter.keptFormat(for: tensor)
                    ?? QuantizationFormat(named: kept.format)
            else { continue }
            formats[kept.tensor] = format
            recipe.kept[index].format = format.name
            recipe.kept[index].bytes = format.byteCount(of: tensor) ?? kept.bytes
        }
        let file = try converter.finishedFile(
            for: model,
            formats: Set(layers.map(\.format)).compactMap(QuantizationFormat.init(named:))
        )
        // A model has at most 2^56 elements, so that no sum of sizes overflows.
        var (data, padding, isWhole) = (0, 0, true)
        for tensor in model.tensors where !leftOut.contains(tensor.name) {
            guard let bytes = formats[tensor.name].flatMap({ $0.byteCount(of: tensor) }) else {
                isWhole = false
                continue
            }
            data += bytes
            padding += file.layout.paddedByteCount(bytes) - bytes
        }
        let overhead = file.layout.headerBytes + padding
        recipe.size = Size(
            bytes: data + overhead,
            bitsPerWeight: Double(data + overhead) * 8 / Double(max(1, model.parameters)),
            tensorData: data,
            headerAndAlignment: overhead,
            exact: isWhole ? file.accuracy.exactness : .plannedLayers
        )
        return recipe
    }
}
