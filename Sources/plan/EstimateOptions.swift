import ArgumentParser
import Checkpoints
import Converters
import Estimation
import Quantization
import Recipes
import Sensitivity
import Tensors

/// What `plan estimate` measures.
struct EstimateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The formats, separated by commas; by default all smaller than the source that the model's usual file holds: GGUF, MLX.",
            valueName: "list"
        )
    )
    var formats: String?

    @Option(
        help: ArgumentHelp(
            "The importance matrix of the model, as llama-imatrix writes it: GGUF or .dat.",
            valueName: "file"
        )
    )
    var imatrix: String?

    @Option(
        help: ArgumentHelp(
            """
            Squared gradients of the model, as Examples/capture-gradients writes them: impacts are then what the end of the \
            model loses, in its own unit.
            """,
            valueName: "file"
        )
    )
    var gradients: String?

    /// What the encoders are told of the inputs without an importance matrix.
    enum Importance: String, CaseIterable, ExpressibleByArgument {
        case none
        case ones
        case gradients
    }

    @Option(
        help: """
            What the encoders take for the importance of the inputs, other than --imatrix: none, ones (as stable-diffusion.cpp) \
            or gradients (the columns of --gradients, which llama-quantize takes as --imatrix). By default none.
            """
    )
    var importance: Importance?

    @Option(
        help: ArgumentHelp(
            "The share of every tensor's rows that is measured, such as 5%; what that leaves uncertain is stated.",
            valueName: "share"
        )
    )
    var rows = "100%"

    @Option(help: "The seed that the rows are drawn with.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Measures a part of the tensors only, such as 3/16, the third of sixteen.",
            valueName: "part"
        )
    )
    var part: String?

    /// Whether nothing was chosen.
    var isDefault: Bool {
        formats == nil && imatrix == nil && gradients == nil && importance == nil && rows == "100%"
            && seed == 1
            && part == nil
    }

    func validate() throws {
        if importance != nil, imatrix != nil {
            throw ValidationError("--imatrix and --importance both say what the encoders look at; choose one")
        }
        if importance == .gradients, gradients == nil {
            throw ValidationError("--importance gradients takes the columns of --gradients; name the file")
        }
    }

    /// What the encoders take for the importance of the inputs.
    func encoderImportance(_ gradients: SquaredGradients?) throws -> EncoderImportance {
        if let imatrix { return .matrix(try ImportanceMatrix(path: imatrix)) }
        switch importance {
        case nil, .some(.none): return .none
        case .ones: return .ones
        case .gradients: return gradients.map { .matrix($0.columns) } ?? .none
        }
    }

    /// The part that is named, or nil for the whole model.
    func workPart() throws -> WorkPart? {
        try part.map(WorkPart.init(parsing:))
    }

    /// The settings for a model.
    func settings(for model: Model) throws -> EstimateSettings {
        let chosen = try formats.map(QuantizationFormat.list) ?? defaultFormats(for: model)
        if !hasEncoderImportance, let needing = chosen.first(where: \.needsImportanceMatrix) {
            throw Failure(
                code: Failure.usage,
                message:
                    "\(needing.name) is encoded with an importance matrix only; give one with --imatrix, or leave \(needing.name) out of --formats"
            )
        }
        return try EstimateSettings(formats: chosen, rowShare: try share(), seed: seed)
    }

    /// Whether the encoders are given an importance.
    private var hasEncoderImportance: Bool {
        imatrix != nil || importance == .ones || importance == .gradients
    }

    /// The formats that are smaller than the source and that a file of such a model is likely to hold, without those that would need
    /// an importance matrix that there is not.
    private func defaultFormats(for model: Model) -> [QuantizationFormat] {
        let source = model.sourceFormat
        return RowCodec.formats.filter { format in
            format.bitsPerWeight < source.bitsPerWeight
                && (hasEncoderImportance || !format.needsImportanceMatrix)
                && Self.isLikely(format, of: model)
        }
    }

    /// Whether something is likely to be made of a model that holds a format: of a GGUF file another one; of a language model from
    /// Hugging Face, whose tensors have other names in GGUF, a folder for MLX or a file of 8-bit floats; of any other model
    /// everything but a folder for MLX.
    private static func isLikely(_ format: QuantizationFormat, of model: Model) -> Bool {
        let isForMLX = QuantizationFormat.mlx.contains(format)
        if model.kind == .gguf { return format.ggufTypeID != nil }
        if model.isLanguageModelFromHub { return isForMLX || format.ggufTypeID == nil }
        return !isForMLX
    }

    /// The share of rows, from a percentage.
    private func share() throws -> Double {
        guard rows.last == "%", let percentage = Double(rows.dropLast()), percentage > 0, percentage <= 100
        else {
            throw Failure(
                code: Failure.usage,
                message:
                    "'\(rows)' is no share of rows; give more than 0 % and at most 100 %, such as --rows 5%"
            )
        }
        return percentage / 100
    }
}

/// How `plan estimate` makes impacts of errors.
struct EstimatedImpactOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            How strongly the end of the model answers to its layers: flux1-dev, which is built in, or a file of plan measure \
            or a page in Markdown with Tables 1 and 2.
            """,
            valueName: "profile"
        )
    )
    var profile: String?

    @Flag(help: "Takes errors as they are instead of as a share of their layer's output.")
    var absolute = false

    @Option(
        help: """
            What an input counts in the errors: unweighted (all the same) or weighted (its mean square in the importance \
            matrix). Both are measured. By default relative errors are unweighted and all others weighted.
            """
    )
    var norm: ErrorNorm?

    @Option(
        help: ArgumentHelp(
            """
            How tensors make up layers: \(LayerGrouping.builtIns.map(\.name).joined(separator: ", ")), or a file of rules; by \
            default the one that knows such a model, of \(LayerGrouping.diffusionModels.map(\.name).joined(separator: ", ")), and \
            otherwise per tensor.
            """,
            valueName: "grouping"
        )
    )
    var grouping: String?

    func validate() throws {
        if absolute, profile != nil {
            throw ValidationError("--profile takes errors as they are anyway; leave --absolute out")
        }
    }

    /// Whether nothing was chosen that shapes the impacts.
    var isDefault: Bool { profile == nil && !absolute && norm == nil }

    /// The grouping as an argument of the commands that read the table.
    var groupingArgument: String {
        grouping.map { " --grouping \(ShellText.word($0))" } ?? ""
    }

    /// The model's layers and what is kept.
    func layers(of model: Model) throws -> LayeredModel {
        let grouped: LayeredModel
        if let grouping {
            grouped = try LayerGrouping.named(grouping, for: model.tensors).grouped(model.tensors)
        } else if let recognized = LayerGrouping.diffusionModels.lazy
            .compactMap({ try? $0.adapted(to: model.tensors).grouped(model.tensors) })
            .first(where: { !$0.layers.isEmpty })
        {
            grouped = recognized
        } else {
            grouped = try LayerGrouping.perTensor.grouped(model.tensors)
        }
        // Integers and the like are no weights, whatever their shape.
        return try grouped.keeping(
            where: { !($0.elementType?.isWeightFormat ?? true) },
            keptFormat: { $0.elementType?.isWeightFormat ?? true ? nil : $0.elementType },
            sourceFormat: model.sourceFormat
        )
    }

    /// How an error becomes an impact, where gradients were or were not measured with.
    func scale(_ gradients: GradientReference?) throws -> EstimatedImpacts.Scale {
        guard let profile else {
            if absolute { return .amplitude }
            // A norm is one of errors; losses have none.
            return norm == nil ? gradients.map { .gradients($0) } ?? .relative : .relative
        }
        if profile == Model.builtInNames.first {
            return .profile(try SensitivityProfile.fluxDev)
        }
        guard let read = try ImpactTableReader.read(path: profile).profile else {
            throw Failure(
                code: Failure.badData,
                message: """
                    '\(profile)' has no sensitivity profile; give what plan measure wrote, or a page in Markdown with Tables 1 \
                    and 2
                    """
            )
        }
        return .profile(read)
    }
}
