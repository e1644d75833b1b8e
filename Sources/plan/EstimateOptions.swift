import ArgumentParser
import Checkpoints
import Estimation
import Planning
import Runtimes
import Sensitivity
import Tensors
import Text

/// What `plan estimate` measures.
struct EstimateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The formats, separated by commas. By default all that are smaller than the source and that the model's usual file, GGUF or MLX, can hold.",
            valueName: "list"
        )
    )
    var formats: String?

    @Option(
        help: ArgumentHelp(
            """
            The program that will load the file: \(TargetRuntime.names). Only formats that it decodes fast are measured, and the \
            command that the output ends with is for it.
            """,
            valueName: "program"
        )
    )
    var runtime: String?

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
            Squared gradients of the model, as Examples/capture-gradients writes them: impacts are then losses at the end of \
            the model, in its own unit.
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
            The importance of the inputs for the encoders, in place of --imatrix: none, ones (as stable-diffusion.cpp) or \
            gradients (the columns of --gradients, which llama-quantize takes as --imatrix). By default none.
            """
    )
    var importance: Importance?

    @Option(
        help: ArgumentHelp(
            "The share of every tensor's rows that is measured, such as 5%; the standard error is stated.",
            valueName: "share"
        )
    )
    var rows = "100%"

    @Option(help: "The seed that the rows are drawn with. (default: 1)")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Measures one part of the tensors: 3/16 is the third of sixteen parts.",
            valueName: "part"
        )
    )
    var part: String?

    /// Whether nothing was chosen.
    var isDefault: Bool {
        formats == nil && runtime == nil && imatrix == nil && gradients == nil && importance == nil
            && rows == "100%"
            && seed == nil
            && part == nil
    }

    /// What is wrong with an importance beside the files that it may come from, or nil.
    static func problem(_ importance: Importance?, imatrix: String?, gradients: String?) -> String? {
        if importance != nil, imatrix != nil {
            return "--imatrix and --importance both say what the encoders look at; choose one"
        }
        guard importance == .gradients, gradients == nil else { return nil }
        return "--importance gradients takes the columns of --gradients; name the file"
    }

    func validate() throws {
        if let problem = Self.problem(importance, imatrix: imatrix, gradients: gradients) {
            throw ValidationError(problem)
        }
    }

    /// The part that is named, or nil for the whole model.
    func workPart() throws -> WorkPart? {
        try part.map(WorkPart.init(parsing:))
    }

    /// What is measured of a model.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - layers: Its layers.
    ///   - anchors: Formats that are measured besides, as losses are known in them.
    /// - Returns: The run, with nothing measured yet.
    /// - Throws: ``Failure`` for formats and shares that are none, and what `EstimateRun` refuses.
    func run(
        of model: Model,
        _ layers: LayeredModel,
        with anchors: [QuantizationFormat]
    ) throws -> EstimateRun {
        let runtime = try targetRuntime()
        try runtime?.check(model: model)
        let listed = try formats.map(QuantizationFormat.list)
        let rowShare = try Self.share(rows)
        if seed != nil, rowShare == 1 {
            Console.note("--seed changes no cell, as all rows are measured; --rows 5% draws some of them")
        }
        let gradients = try gradients.map { try SquaredGradients(path: $0) }
        let importance: EncoderImportance =
            if let imatrix { .matrix(try ImportanceMatrix(path: imatrix)) } else {
                importance.encoder(gradients)
            }
        let named =
            listed
            ?? EstimateSettings.usualFormats(
                for: model,
                layers: layers,
                runtime: runtime,
                hasImportance: importance.isGiven
            )
        try runtime?.check(pinned: named)
        guard !named.isEmpty else {
            throw EstimationError.nothingSmaller(
                model: model.name,
                source: model.fileFormat.name,
                for: runtime.map { .runtime($0.rawValue) } ?? .usualFile
            )
        }
        return try EstimateRun(
            of: model,
            layers: layers,
            settings: EstimateSettings(formats: named, rowShare: rowShare, seed: seed ?? 1),
            anchors: anchors,
            importance: importance,
            gradients: gradients,
            part: workPart()
        )
    }

    /// The program that will load the file, or nil where none is named.
    ///
    /// - Throws: ``Failure`` for usage.
    func targetRuntime() throws -> TargetRuntime? {
        try runtime.map(TargetRuntime.init(named:))
    }

    /// The share of rows, from a percentage.
    ///
    /// - Throws: ``Failure`` for usage.
    static func share(_ rows: String) throws -> Double {
        guard rows.last == "%", let percentage = Double(rows.dropLast()), percentage > 0, percentage <= 100
        else {
            throw Failure(
                code: Failure.usage,
                message:
                    "\(rows.quoted) is no share of rows; give more than 0 % and at most 100 %, such as --rows 5%"
            )
        }
        return percentage / 100
    }
}

extension EstimateOptions.Importance? {
    /// What the encoders take where there is no importance matrix.
    ///
    /// - Parameter gradients: The gradients whose columns may be meant.
    /// - Returns: What they take.
    func encoder(_ gradients: SquaredGradients?) -> EncoderImportance {
        switch self {
        case nil, .some(.none): .none
        case .ones: .ones
        case .gradients: gradients.map { .matrix($0.columns) } ?? .none
        }
    }
}

/// How `plan estimate` makes impacts of errors.
struct EstimatedImpactOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            How strongly the end of the model reacts to its layers: flux1-dev, which is built in, a file of plan measure, or a \
            page in Markdown with Tables 1 and 2.
            """,
            valueName: "profile"
        )
    )
    var profile: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Losses that were measured at the end of the model: a file of plan calibrate, or a CSV file with the header \
            layer,format,loss and, if it is known, standardError. One format per layer is enough, and not every layer is \
            needed. Relative errors complete the table, by role where the model reads tokens; its cells are then losses.
            """,
            valueName: "file"
        )
    )
    var losses: [String] = []

    /// What is taken as known of kinds of tensors before anything is measured.
    enum Prior: String, CaseIterable, ExpressibleByArgument {
        case roles
        case off = "none"
    }

    @Option(
        help: ArgumentHelp(
            """
            How much the same relative error costs in different tensors. roles: by what the tensor does (query, key, value, \
            output, gate, up, down), as measured on two other networks, \(RolePrior.builtIn.source). none: the same \
            everywhere. By default roles for a model that reads tokens and none for all others.
            """,
            valueName: "prior"
        )
    )
    var prior: Prior?

    @Flag(help: "Takes the errors themselves, not their share of the layer's output.")
    var absolute = false

    @Option(
        help: """
            How inputs count in the errors: unweighted (all alike) or weighted (by their mean squares in the importance \
            matrix). Both are measured. By default relative errors are unweighted and all others weighted.
            """
    )
    var norm: ErrorNorm?

    @Option(help: LayerGrouping.estimatedHelp)
    var grouping: String?

    func validate() throws {
        if !losses.isEmpty, profile != nil || absolute || prior != nil {
            throw ValidationError(
                "--losses says what an error costs; leave --profile, --absolute and --prior out"
            )
        }
        if prior != nil, profile != nil || absolute {
            throw ValidationError("--prior weighs relative errors; leave --profile and --absolute out")
        }
        if absolute, profile != nil {
            throw ValidationError("--profile takes errors as they are anyway; leave --absolute out")
        }
    }

    /// Whether nothing was chosen that shapes the impacts.
    var isDefault: Bool {
        profile == nil && !absolute && norm == nil && losses.isEmpty && prior == nil
    }

    /// The grouping as an argument of the commands that read the table.
    var groupingArgument: String {
        grouping.map { " --grouping \(ShellText.input($0, as: "--grouping"))" } ?? ""
    }

    /// The model's layers and what is kept.
    func layers(of model: Model) throws -> LayeredModel {
        try LayeredModel.estimated(of: model, groupingNamed: grouping)
    }

    /// How an error becomes an impact.
    ///
    /// - Parameters:
    ///   - model: The layers.
    ///   - gradients: The gradients that were measured with, if there were any.
    /// - Returns: The scale.
    /// - Throws: What reading a profile does, and a ``Failure`` for a file without one.
    func scale(of model: LayeredModel, _ gradients: GradientReference?) throws -> EstimatedImpacts.Scale {
        guard let profile else {
            if absolute { return .amplitude }
            if prior == .off { return .relative }
            // Measured losses say themselves what an error costs; of layers without one what is known without losses remains.
            if !losses.isEmpty { return .usual(of: model) }
            if prior == .roles { return .prior(.builtIn) }
            // A norm is one of errors; losses by gradients have none.
            return .usual(of: model, gradients: norm == nil ? gradients : nil)
        }
        if profile == Model.builtInNames.first {
            return .profile(try SensitivityProfile.fluxDev)
        }
        guard let read = try ImpactTableReader.read(path: profile).profile else {
            throw Failure(
                code: Failure.badData,
                message: """
                    \(profile.quoted) has no sensitivity profile; give what plan measure wrote, or a page in Markdown with Tables 1 \
                    and 2
                    """
            )
        }
        return .profile(read)
    }
}
