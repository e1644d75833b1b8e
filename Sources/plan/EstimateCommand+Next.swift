import Checkpoints
import Converters
import Estimation
import Runtimes
import Sensitivity
import Tensors
import Text

extension EstimateCommand {
    /// The line with the plan that the table is for; commands stay in one line, so that they can be pasted.
    func nextLine(_ impacts: EstimatedImpacts, of model: Model, table path: String) throws -> String {
        let isForMLX = Self.isForMLX(model, formats: impacts.formats)
        return """
            Next     plan --budget \(try budget()) --model \(ShellText.input(self.model, as: "--model")) --impacts \(ShellText.path(path))\
            \(matrixArgument)\(impactOptions.groupingArgument)\(Self.keeping(impacts.unweightedLayers))\(try goal(isForMLX: isForMLX))

            """
    }

    /// Shows what would make a better table, or a better file.
    func showBetter(_ impacts: EstimatedImpacts, _ header: EstimateHeader, _ input: Input) throws {
        let isForLlama = Self.isForLlama(input.model, input.layers, formats: impacts.formats)
        if impacts.meaning.kind == .amplitude, input.model.kind != .inventory {
            try Console.show(
                """
                Better   with losses at the end of the model, by the gradients of Examples/capture-gradients\
                \(isForLlama ? ", or by llama.cpp:" : ": plan estimate --gradients")

                """
            )
        }
        if isForLlama, impacts.meaning.kind == .amplitude {
            // Losses of casts that the file will have: those by the same matrix, of the same layers.
            try Console.print(
                """
                         plan calibrate \(ShellText.input(self.model, as: "--model")) --text text.txt\(calibrationMatrix(header))\
                \(impactOptions.groupingArgument)

                """
            )
        }
        // Losses by a matrix ask for it themselves.
        let hasMatrix = input.losses.contains { $0.comments["importance"].map { $0 != "none" } ?? false }
        if isForLlama, header.importance == nil, !hasMatrix {
            let how =
                input.losses.isEmpty
                ? "give it here and to plan quantize with --imatrix"
                : "calibrate again with --imatrix, and give it here and to plan quantize as well"
            try Console.show(
                """
                Better   with an importance matrix of llama-imatrix: \(how); it improves the file of any plan

                """
            )
        }
    }

    /// Whether the model is a GGUF file of a language model, of which llama.cpp's programs measure losses and gather importance.
    private static func isForLlama(_ model: Model, _ layers: LayeredModel, formats: [String]) -> Bool {
        let converter = Converters.llamaCpp
        guard !model.metadata.isEmpty, model.tensors.contains(where: { $0.name.hasPrefix("blk.") }),
            (try? converter.check(model.tensors)) != nil
        else { return false }
        return layers.layers.contains { !$0.tensors.allSatisfy(converter.neverQuantizes) }
            && formats.contains { QuantizationFormat(named: $0).map(converter.accepts) ?? false }
    }

    /// The matrix as an argument of the plan, which then knows what the file says of it, to the byte.
    private var matrixArgument: String {
        measuring.imatrix.map { " --imatrix \(ShellText.input($0, as: "--imatrix"))" } ?? ""
    }

    /// The same of the calibration that would measure the same casts; of errors that are merged, the name is all that is known of it.
    private func calibrationMatrix(_ header: EstimateHeader) -> String {
        guard measuring.imatrix == nil, header.gradients == nil, let matrix = header.importance, matrix.isFile
        else { return matrixArgument }
        return " --imatrix \(ShellText.path(matrix.name))"
    }

    /// The options that say what the file is for, where the next plan would be for something else without them.
    private func goal(isForMLX: Bool) throws -> String {
        let runtime = try measuring.targetRuntime()
        let container: ModelContainer? = runtime == .comfyUI ? .safetensors : isForMLX ? .folder : nil
        return (container.map { " --converter \(Converters.usual(for: $0).name)" } ?? "")
            + (runtime.map { " --runtime \($0.rawValue)" } ?? "")
    }

    /// A budget that the next plan can keep: 8-bit floats are half of 16 bits.
    private func budget() throws -> String { try measuring.targetRuntime() == .comfyUI ? "60%" : "40%" }

    /// Whether the table is for MLX: it has formats that no other converter takes, and the model is one that MLX converts.
    private static func isForMLX(_ model: Model, formats: [String]) -> Bool {
        model.isLanguageModelFromHub
            && formats.contains {
                QuantizationFormat(named: $0).map(QuantizationFormat.mlx.contains) ?? false
            }
    }

    /// The options that keep layers without a row.
    private static func keeping(_ layers: [String]) -> String {
        layers.map { " --keep \(ShellText.word($0))" }.joined()
    }
}
