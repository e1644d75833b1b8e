import ArgumentParser
import BitAllocation
import Checkpoints
import Converters
import Planning
import Recipes
import Sensitivity
import Tensors

/// Which model, which table, which formats: what several subcommands share.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The model: the name of a built-in one (\(Model.builtInNames.joined(separator: ", "))) or a file.",
            valueName: "model"
        )
    )
    var model = "flux1-dev"

    @Option(
        help: ArgumentHelp(
            """
            The importance matrix that the converter will be given, as it is named there: with it the size of the finished file is \
            known to the byte.
            """,
            valueName: "file"
        )
    )
    var imatrix: String?

    @OptionGroup
    var tableOptions: TableOptions

    var impacts: String? { tableOptions.impacts }
    var grouping: String? { tableOptions.grouping }
    var lowFormat: String? { tableOptions.lowFormat }
    var highFormat: String? { tableOptions.highFormat }
    var formats: String? { tableOptions.formats }
    var converter: String? { tableOptions.converter }
    var allowRequantize: Bool { tableOptions.allowRequantize }
    var combine: ImpactCombination? { tableOptions.combine }

    /// The name of the built-in table.
    static let builtInTable = "flux1-dev-table3"

    /// The model and table that the options name.
    struct Input {
        var model: Model
        var table: ImpactTable
        /// Tables 1 and 2 of the same analysis, where the table came with them.
        var profile: SensitivityProfile?
    }

    /// Reads the model and the table.
    func input() throws -> Input {
        try translatingErrors {
            let model = try Model.source(named: model)
            if let parts = PipelineParts(model) { Console.note(parts.note) }
            let reading = try readTable(for: model)
            let table = try tableOptions.naming.renaming(reading.table, for: model, grouping: grouping)
            return Input(model: model, table: table, profile: reading.profile)
        }
    }

    /// The converter that is named, as it treats the model.
    ///
    /// - Parameters:
    ///   - input: The model and the table.
    ///   - importance: The importance matrix that the file will be made with; nil for what the table says of it.
    /// - Returns: The converter, or nil where none is named.
    /// - Throws: `RecipeError.unknownConverter`.
    func boundConverter(_ input: Input, importance: ConverterImportance? = nil) throws -> (any Converter)? {
        var stated = input.table.meaning.importance == nil ? ConverterImportance.none : .unknown
        if let imatrix {
            let matrix = try ImportanceMatrix(path: imatrix)
            if let planned = input.table.meaning.importance, planned.isFile,
                try matrix.digest() != planned.digest
            {
                throw Failure(
                    code: Failure.badData,
                    message: """
                        the table \(input.table.name) was made with the importance matrix \(planned.name), and \(imatrix.quoted) is \
                        another: give that one, or estimate again with this
                        """
                )
            }
            stated = .matrix(matrix)
        }
        let bound = try converter.map(Converters.named)?.adapted(
            to: input.model,
            importance: importance ?? stated
        )
        return tableOptions.record ? bound?.recording() : bound
    }

    /// Joins model and table into a task whose budget is still to be set, bound by the converter if one is named.
    ///
    /// - Parameters:
    ///   - input: The model and the table.
    ///   - constraints: What the user keeps and pins.
    ///   - runtime: What the program that loads the file makes of the plan; nil where none is named.
    ///   - importance: The importance matrix that the file will be made with; nil for what the table says of it.
    /// - Returns: The task.
    /// - Throws: ``Failure``.
    func task(
        _ input: Input,
        _ constraints: ConstraintOptions,
        runtime: RuntimeBinding? = nil,
        importance: ConverterImportance? = nil
    ) throws -> PlanningTask {
        try translatingErrors {
            try checkPacking(of: input.model)
            let source = input.model.sourceFormat
            let binding = try boundConverter(input, importance: importance).map {
                ConverterBinding(converter: $0, source: source)
            }
            if let binding { try runtime?.check(converter: binding.converter.name) }
            try binding?.converter.check(input.model.tensors)
            let grouped = try layers(of: input).keepingIntegers(sourceFormat: source)
            let keeps = try constraints.kept()
            let pinned = Set(try constraints.pinned(grouped.layers).keys)
            var (model, unused) = try grouped.keeping(keeps, except: pinned, sourceFormat: source)
            if let index = unused.first {
                throw PlanningError.patternMatchesNothing("--keep \(constraints.keep[index])")
            }
            let chosen = Set(model.keptLayers).subtracting(grouped.keptLayers)
            let listed = try self.formats.map(QuantizationFormat.list)
            var formats = listed
            if let binding {
                formats = try binding.formats(formats, table: input.table)
                let named = keeps.filter { $0.format != nil }
                model = try binding.layers(
                    of: model,
                    chosen: Dictionary(
                        model.kept.compactMap { kept in
                            named.contains { $0.glob.matches(kept.tensor.name) }
                                ? (kept.tensor.name, kept.format) : nil
                        },
                        uniquingKeysWith: { first, _ in first }
                    )
                )
            }
            if let runtime {
                let all = formats ?? input.table.formats.compactMap(QuantizationFormat.init(named:))
                formats = try runtime.formats(listed, from: all, table: input.table)
            }
            let note = KeptLayers(model, converter: converter, besides: grouped.keptLayers, chosen: chosen)
                .note
            if let note { Console.note(note) }
            if let note = KeptCasts(model, by: converter).note { Console.note(note) }
            let given = try constraints.pinned(model.layers)
            if let binding, let refused = given.values.first(where: { !binding.converter.accepts($0) }) {
                throw Failure(
                    code: Failure.usage,
                    message:
                        "\(binding.converter.name) does not accept \(refused); plan converters lists what it accepts"
                )
            }
            try runtime?.check(pinned: given.values)
            var task = try PlanningTask(
                model: model,
                impacts: input.table,
                formats: formats,
                sourceFormat: source,
                stayingFormat: binding.map { binding in { binding.stayingFormat(of: $0.tensors) } },
                given: given,
                layout: try fileLayout(input, for: binding?.converter, formats: formats ?? []),
                budget: 0,
                combination: combine ?? input.table.defaultCombination
            )
            try binding?.bind(&task)
            if !task.unknownFormats.isEmpty, self.formats == nil {
                Console.note(
                    """
                    the table's columns for \(task.unknownFormats.joined(separator: ", ")) are left out, as the sizes of these \
                    formats are not known; --define \(ShellText.word(task.unknownFormats[0]))=BYTES/ELEMENTS makes one known
                    """
                )
            }
            if allowRequantize { task.forbidMoreBitsThanSource() }
            if !task.unmeasuredLayers.isEmpty {
                Console.note(
                    """
                    the table says nothing of \(task.unmeasuredLayers.count) pinned layers, whose impact counts as 0: \
                    \(KeptLayers.list(task.unmeasuredLayers))
                    """
                )
            }
            return task
        }
    }

    /// Refuses a model that is quantized already, unless the user allows it and a converter can read it.
    private func checkPacking(of model: Model) throws {
        let packed = model.packedWeights
        guard let first = packed.first(where: { $0.scheme != .ggml || !allowRequantize }) else { return }
        let remedy =
            packed.allSatisfy { $0.scheme == .ggml }
            ? ", or let no layer get more bits than it has (--allow-requantize)" : ""
        throw Failure(
            code: Failure.badData,
            message:
                "the model is quantized already: \(first); give it as it was before, in F32, F16 or BF16\(remedy)"
        )
    }

    /// The finished file's layout: a GGUF file with the model's metadata, unless something else writes it.
    private func fileLayout(
        _ input: Input,
        for converter: (any Converter)?,
        formats: [QuantizationFormat]
    ) throws -> FileLayout {
        if let converter {
            return try converter.finishedFile(for: input.model, formats: formats).layout
        }
        if input.table.byteCounts != nil { return FinishedFile.ofMeasuredSizes.layout }
        return try input.model.header.layout(for: input.model.tensors)
    }

    /// What the finished file holds besides tensor data; nil where nothing is known of what will write it.
    func finishedFile(
        _ input: Input,
        for task: PlanningTask,
        by converter: (any Converter)?
    ) throws -> FinishedFile? {
        if let converter {
            return try converter.finishedFile(
                for: input.model,
                formats: task.problem.formatNames.compactMap(QuantizationFormat.init(named:))
            )
        }
        return input.table.byteCounts == nil ? nil : .ofMeasuredSizes
    }

    /// The model's layers under the grouping that was named, or else under the one that has most of the table's layers.
    func layers(of input: Input) throws -> LayeredModel {
        try input.table.layers(of: input.model, grouping: grouping)
    }

    private func readTable(for model: Model) throws -> (table: ImpactTable, profile: SensitivityProfile?) {
        guard let impacts else {
            guard model.name == Model.builtInNames.first else {
                throw Failure(
                    code: Failure.usage,
                    message: """
                        there is no built-in impact table for \(model.name); name one with --impacts, such as \
                        flux1-dev-table3, which was measured on FLUX.1-dev
                        """
                )
            }
            return (try ImpactTable.fluxDevTable3, try SensitivityProfile.fluxDev)
        }
        if impacts == Self.builtInTable {
            return (try ImpactTable.fluxDevTable3, try SensitivityProfile.fluxDev)
        }
        let reading = try ImpactTableReading.read(
            path: impacts,
            for: model,
            lowFormat: lowFormat,
            highFormat: highFormat
        )
        return (reading.table, reading.profile)
    }

    /// The files that the options name, and those that a model named by one of them consists of.
    func files(_ model: Model) -> [String?] {
        [self.model, impacts, grouping, imatrix] + model.readFiles
    }

    /// The option that names the model, where it is not the default.
    var modelArguments: [String] {
        model == "flux1-dev" ? [] : ["--model", model]
    }

    /// The options that shape a plan, as they were typed.
    var arguments: [String] {
        var arguments: [String] = []
        arguments += modelArguments
        if let imatrix { arguments += ["--imatrix", imatrix] }
        arguments += tableOptions.arguments
        return arguments
    }
}
