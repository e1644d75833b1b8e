public import Foundation
import Tensors
import Text

/// Reads a capture: a file in the safetensors format with losses and mean squares, not with states.
///
/// 1. Eight bytes: the length of the header, little-endian.
/// 2. The header, JSON: an object whose `__metadata__` holds texts,
///    `{"plan_capture": "1", "model": "flux1-dev", "layers": "57", "join": "19", "perturbation": "0.01"}`; without
///    `join`, the streams `img` and `txt` are never joined, and with `"0"` there is only `x`. Every other member is a
///    tensor, `{"dtype": "F64", "shape": [4, 2], "data_offsets": [0, 64]}`, with offsets from the end of the header.
/// 3. The tensors' data, little-endian, without gaps.
///
/// The tensors, n being the number of samples:
///
/// | name | type and shape | content |
/// |---|---|---|
/// | `samples` | I64 [n] | numbers that name the samples |
/// | `end_loss.LAYER.STREAM` | F32 or F64 [n, draws] | the loss at the end after perturbing that state |
/// | `mean_square.LAYER.STREAM` | F32 or F64 [n] | the mean square of that state |
/// | `cast_loss.LAYER.STREAM.FORMAT` | F32 or F64 [n] | the loss in the layer's output of casting it |
///
/// A state is named by the layer it stands before, up to the number of layers for the state that leaves the last one. A
/// `cast_loss` names the layer that is cast. The streams are `img`, `txt` and `x`.
///
/// The file is untrusted: every length, offset, name and number is checked, the header by the reader of safetensors files, and
/// anything else in it is an error. A capture of version 2 is of layers' outputs, see ``OutputCapture``.
public enum CaptureFile {
    /// The largest file that is read, in bytes.
    public static let byteLimit = 256_000_000

    /// Reads a capture from a file.
    ///
    /// - Throws: ``SensitivityError/file(_:)`` and ``SensitivityError/badCapture(file:_:)``.
    public static func read(path: String) throws(SensitivityError) -> CaptureRecord {
        try CaptureReader(contents(path: path)).record()
    }

    /// The content of a capture, whatever it is of.
    static func contents(path: String) throws(SensitivityError) -> CaptureContents {
        do throws(SensitivityError) {
            return try CaptureContents(TextFile.bytes(path: path, limit: byteLimit), file: path)
        } catch .file(let error) where error.problem == .tooLarge(limit: byteLimit) {
            throw .badCapture(
                file: path,
                "the file is larger than \(byteLimit) bytes: spread the samples over several captures"
            )
        }
    }

    /// Reads a capture from the bytes of a file.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - file: What messages call the file.
    /// - Returns: The capture.
    /// - Throws: ``SensitivityError/badCapture(file:_:)``.
    public static func read(_ bytes: Data, file: String) throws(SensitivityError) -> CaptureRecord {
        try CaptureReader(CaptureContents(Array(bytes), file: file)).record()
    }
}

/// The reading of one capture.
private struct CaptureReader {
    private let contents: CaptureContents

    init(_ contents: CaptureContents) {
        self.contents = contents
    }

    private func bad(_ text: String) -> SensitivityError { contents.bad(text) }

    func record() throws(SensitivityError) -> CaptureRecord {
        let metadata = contents.metadata
        guard metadata["plan_capture"] == "1" else {
            throw bad("the metadata has no plan_capture of 1: give a capture, version 1")
        }
        guard let model = metadata["model"], TableName.problem(inLayer: model) == nil else {
            throw bad("the metadata names no model: add 'model' without control characters")
        }
        guard let layers = metadata["layers"].flatMap({ CellText.index($0[...]) }) else {
            throw bad("the metadata has no number of 'layers': add it")
        }
        var join: Int?
        if let text = metadata["join"] {
            guard let number = CellText.index(text[...]) else {
                throw bad("'join' in the metadata is \(text.quoted): give the number of a layer")
            }
            join = number
        }
        let width = metadata["perturbation"] ?? "0.01"
        guard let perturbation = Double(width), perturbation.isFinite else {
            throw bad("'perturbation' in the metadata is \(width.quoted): give a number")
        }
        do throws(SensitivityError) {
            var record = CaptureRecord(
                model: model,
                shape: try StackShape(layerCount: layers, joinLayer: join),
                perturbation: perturbation,
                samples: try contents.samples(),
                digest: contents.digest
            )
            for tensor in contents.tensors where tensor.name != "samples" {
                try add(tensor, to: &record)
            }
            // Everything that a measurement refuses is refused here, with the file's name.
            _ = try record.measurement()
            return record
        } catch .unusableMeasurement(let text) {
            throw bad(text)
        }
    }

    private func add(_ tensor: CaptureContents.Tensor, to record: inout CaptureRecord)
        throws(SensitivityError)
    {
        let parts = tensor.name.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, let layer = CellText.index(parts[1]), String(layer) == parts[1],
            let stream = Stream(rawValue: String(parts[2])), tensor.type == "F32" || tensor.type == "F64",
            tensor.shape.first == record.samples.count
        else {
            throw bad(
                "the tensor \(tensor.name.quoted) is none of a capture: give end_loss, mean_square or cast_loss of a layer "
                    + "and stream, F32 or F64, with one row per sample"
            )
        }
        let state = HiddenState(before: layer, stream: stream)
        switch (parts[0], parts.count, tensor.shape.count) {
        case ("end_loss", 3, 2) where tensor.shape[1] > 0:
            let values = contents.values(of: tensor)
            let draws = tensor.shape[1]
            record.endLosses[state] = record.samples.indices.map {
                Array(values[$0 * draws..<($0 + 1) * draws])
            }
        case ("mean_square", 3, 1):
            record.meanSquares[state] = contents.values(of: tensor)
        case ("cast_loss", 4, 1):
            let cast = StackMeasurement.Cast(layer: layer, stream: stream, format: String(parts[3]))
            guard record.castLosses.updateValue(contents.values(of: tensor), forKey: cast) == nil else {
                throw bad("the cast \(tensor.name.quoted) is there in two spellings: delete one")
            }
        default:
            throw bad(
                "the tensor \(tensor.name.quoted) has the shape \(tensor.shape): end_loss takes [samples, draws], "
                    + "mean_square and cast_loss take [samples]"
            )
        }
    }
}

extension CaptureRecord {
    /// Reads a capture of states.
    ///
    /// - Throws: ``SensitivityError/badCapture(file:_:)``.
    init(_ contents: CaptureContents) throws(SensitivityError) {
        self = try CaptureReader(contents).record()
    }
}
