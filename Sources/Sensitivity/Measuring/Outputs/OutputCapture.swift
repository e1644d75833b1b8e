import Text

/// What perturbing and casting single layers of a model did, layer by layer, for some samples: a capture of version 2.
///
/// Layers have any names, those that the table is to have: of a language model the tensors, `blk.0.attn_q.weight`. What is perturbed is
/// the layer's output, by factors `1 + (u - ½)·δ`, `u` uniform in (0, 1), in one size δ or more. The file is in the safetensors format:
///
/// ```json
/// {"plan_capture": "2", "model": "smollm2", "unit": "KL divergence, nats per token", "perturbations": "0.1,0.4"}
/// ```
///
/// | name | type and shape | content |
/// |---|---|---|
/// | `samples` | I64 [n] | numbers that name the samples |
/// | `end_loss.LAYER` | F32 or F64 [n, sizes] | the loss at the end after perturbing the output, per size the mean over draws |
/// | `mean_square.LAYER` | F32 or F64 [n] | the mean square of the output |
/// | `cast_loss.LAYER.FORMAT` | F32 or F64 [n] | the mean square error of the output with the layer cast; no number where it is ruined |
///
/// `unit` may be missing, where it is not known what the loss is. A layer's name may hold points, a format's may not.
public struct OutputCapture: ModelCapture {
    /// The name of the model.
    public let model: String
    /// Numbers that name the samples, none of them twice.
    public let samples: [Int]
    /// A fingerprint of the content, by which a capture that was added before is known again.
    public let digest: String
    /// Names of what there are values for.
    public let entries: [String]

    private let measured: OutputMeasurement

    /// Reads what a file holds.
    ///
    /// - Throws: ``SensitivityError/badCapture(file:_:)``.
    init(_ contents: CaptureContents) throws(SensitivityError) {
        guard let model = contents.metadata["model"], TableName.problem(inLayer: model) == nil else {
            throw contents.bad("the metadata names no model: add 'model' without control characters")
        }
        var sizes: [Double] = []
        for text in (contents.metadata["perturbations"] ?? "").split(separator: ",") {
            guard let size = Double(CellText.trimmed(text)) else {
                throw contents.bad(
                    "'perturbations' in the metadata has \(text.quoted): give numbers"
                )
            }
            sizes.append(size)
        }
        self.model = model
        samples = try contents.samples()
        digest = contents.digest
        do throws(SensitivityError) {
            var measurement = try OutputMeasurement(unit: contents.metadata["unit"], perturbations: sizes)
            for tensor in contents.tensors where tensor.name != "samples" {
                try Self.add(tensor, of: contents, sampleCount: samples.count, to: &measurement)
            }
            measured = measurement
        } catch .unusableMeasurement(let text) {
            throw contents.bad(text)
        }
        entries = contents.tensors.map(\.name).filter { $0 != "samples" }.sorted()
    }

    /// What was measured.
    public func measurement() -> OutputMeasurement { measured }

    private static func add(
        _ tensor: CaptureContents.Tensor,
        of contents: CaptureContents,
        sampleCount: Int,
        to measurement: inout OutputMeasurement
    ) throws(SensitivityError) {
        let parts = tensor.name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isNumbers = tensor.type == "F32" || tensor.type == "F64"
        guard parts.count == 2, isNumbers, tensor.shape.first == sampleCount else {
            throw unknown(tensor, contents)
        }
        let name = String(parts[1])
        let values = contents.values(of: tensor)
        switch (parts[0], tensor.shape.count) {
        case ("end_loss", 2) where tensor.shape[1] == measurement.perturbations.count:
            let count = tensor.shape[1]
            for sample in 0..<sampleCount {
                try measurement.addEndLosses(Array(values[sample * count..<(sample + 1) * count]), of: name)
            }
        case ("mean_square", 1):
            for value in values { try measurement.addMeanSquare(value, of: name) }
        case ("cast_loss", 1):
            guard let point = name.lastIndex(of: ".") else { throw unknown(tensor, contents) }
            let cast = OutputMeasurement.Cast(
                layer: String(name[..<point]),
                format: String(name[name.index(after: point)...])
            )
            for value in values { try measurement.addLoss(value, of: cast) }
        default: throw unknown(tensor, contents)
        }
    }

    private static func unknown(_ tensor: CaptureContents.Tensor, _ contents: CaptureContents)
        -> SensitivityError
    {
        contents.bad(
            "the tensor \(tensor.name.quoted) of shape \(tensor.shape) is none of a capture of outputs: give end_loss.LAYER "
                + "[samples, perturbations], mean_square.LAYER or cast_loss.LAYER.FORMAT [samples], F32 or F64"
        )
    }
}
