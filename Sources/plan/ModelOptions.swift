import ArgumentParser
import BitAllocation
import Checkpoints
import Converters
import Dispatch
import Foundation
import Planning
import Runtimes
import Sensitivity
import Synchronization
import Tensors
import Text

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
            The importance matrix that the converter will be given, under the name that it will have there. The file notes where \
            it is from, so its size is then known to the byte.
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
    var allowRequantize: Bool { tableOptions.allowRequantize }
    var combine: ImpactCombination? { tableOptions.combine }

    /// The name of the built-in table.
    static let builtInTable = "flux1-dev-table3"

    /// What tables of other programs leave out.
    var importOptions: ImpactImportOptions {
        ImpactImportOptions(lowFormat: lowFormat, highFormat: highFormat)
    }

    /// What is taken of a table that was read; the built-in one has no shape.
    private typealias TableParts = (
        table: ImpactTable, profile: SensitivityProfile?, shape: ImpactTableShape?
    )

    /// Reads the model and the table.
    ///
    /// - Parameters:
    ///   - runtime: The program that loads the file; nil where none is named.
    ///   - reading: The table of `--impacts`, where it was read already.
    /// - Returns: Both, the table's names put as the options say.
    /// - Throws: ``Failure``, and what the modules throw.
    func input(
        for runtime: TargetRuntime? = nil,
        reading: ImpactTableReading? = nil
    ) throws -> PlanningInput {
        try translatingErrors {
            let (model, reading) = try modelAndTable(for: runtime, reading: reading)
            if let note = importOptions.needlessNote(reading.shape) { Console.note(note) }
            if let note = tableOptions.naming.renameNote(reading.table) { Console.note(note) }
            let table = try tableOptions.naming.renaming(reading.table, for: model, grouping: grouping)
            return PlanningInput(model: model, table: table, profile: reading.profile)
        }
    }

    /// Reads the model, and the table beside it where that is a file: neither needs the other, and large ones take as long to read
    /// as to plan for.
    private func modelAndTable(
        for runtime: TargetRuntime?,
        reading known: ImpactTableReading?
    ) throws -> (Model, TableParts) {
        let name = model
        // What a program loads says what is written, and so what of the model is.
        let converter =
            tableOptions.converter ?? runtime.map { Converters.usual(for: ModelContainer(loadedBy: $0)).name }
        if let known, let impacts {
            let model = try Model.source(named: name, plannedFor: converter)
            let reading = try known.of(model, path: impacts, options: importOptions)
            return (model, (reading.table, reading.profile, reading.shape))
        }
        // A pipe is read in its turn.
        guard let impacts, impacts != Self.builtInTable, InputFile.byteCount(of: impacts) != nil else {
            let model = try Model.source(named: name, plannedFor: converter)
            return (model, try readTable(for: model))
        }
        let options = importOptions
        let modelRead = Mutex<Result<Model, any Error>?>(nil)
        let tableRead = Mutex<Result<ImpactTableReading, any Error>?>(nil)
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            if index == 0 {
                let read = Result { try Model.source(named: name, plannedFor: converter) }
                modelRead.withLock { $0 = read }
            } else {
                let read = Result {
                    try ImpactTableReader.read(path: impacts, options: options) as ImpactTableReading
                }
                tableRead.withLock { $0 = read }
            }
        }
        // What is wrong with the model is said before what is wrong with the table.
        guard let model = try modelRead.withLock({ try $0?.get() }),
            let table = try tableRead.withLock({ try $0?.get() })
        else { preconditionFailure("both were read") }
        let reading = try table.of(model, path: impacts, options: options)
        return (model, (reading.table, reading.profile, reading.shape))
    }

    /// A model and a table that are at hand, the table's names put as the options say.
    func input(_ model: Model, _ table: ImpactTable) throws -> PlanningInput {
        PlanningInput(
            model: model,
            table: try tableOptions.naming.renaming(table, for: model, grouping: grouping)
        )
    }

    /// What the plan has to keep to besides its goal.
    ///
    /// - Parameters:
    ///   - input: The model and the table.
    ///   - constraints: The options of the restrictions.
    ///   - runtime: The program that loads the file; nil where none is named.
    ///   - importance: The importance matrix that the file will be made with; nil for what `--imatrix` and the table say of it.
    /// - Returns: The rules; what the user should know of a converter that was not their choice, or nil; and what they should know of
    ///   the recipe of `--nested-in`, or nil.
    /// - Throws: ``Failure`` for usage, and what reading the files that the options name throws.
    func rules(
        _ input: PlanningInput,
        _ constraints: ConstraintOptions,
        runtime: TargetRuntime? = nil,
        importance: ConverterImportance? = nil
    ) throws -> (rules: PlanningRules, note: String?, nestedNote: String?) {
        var rules = PlanningRules()
        rules.grouping = try grouping.map { try LayerGrouping.named($0, for: input.model.tensors) }
        rules.formats = try formats.map(QuantizationFormat.list)
        rules.kept = try constraints.kept()
        let nested = try constraints.nestedRecipe()
        rules.restrictions = try constraints.restrictions(nestedIn: nested)
        rules.slowdown = try constraints.secondBudget()
        rules.runtime = runtime
        rules.allowsQuantizedSource = allowRequantize
        rules.combination = combine
        let choice = try ConverterChoice(tableOptions, for: input, rules)
        rules.converter = try bound(choice, input, importance: importance)
        return (rules, choice.note, ConstraintOptions.note(onNestedIn: nested, input.table))
    }

    /// The converter that was chosen, as it treats the model; nil for none.
    private func bound(
        _ choice: ConverterChoice,
        _ input: PlanningInput,
        importance: ConverterImportance?
    ) throws -> (any Converter)? {
        // A matrix that is not the table's is refused whoever converts.
        let stated = try input.importance(given: imatrix.map { try ImportanceMatrix(path: $0) })
        let bound = choice.converter?.adapted(
            to: input.model,
            importance: importance ?? stated
        )
        let recording = tableOptions.record ? bound?.recording() : bound
        guard tableOptions.keepSplit else { return recording }
        try checkSplit(of: input.model, by: bound)
        return recording?.keepingSplit()
    }

    /// Refuses to leave a model split that is not, or that something else than this program writes.
    private func checkSplit(of model: Model, by converter: (any Converter)?) throws {
        var problem: String?
        if model.kind != .gguf || model.files.count < 2 {
            problem = "--keep-split is for GGUF models of several files, which this is not; leave it out"
        } else if converter?.canKeepSplit != true {
            problem = """
                --keep-split is for the files that plan quantize writes; leave it out, or plan with --converter plan
                """
        }
        if let problem { throw Failure(code: Failure.usage, message: problem) }
    }

    private func readTable(for model: Model) throws -> TableParts {
        guard let impacts else {
            guard model.name == Model.builtInNames.first else { throw noTable(for: model) }
            return (try ImpactTable.fluxDevTable3, try SensitivityProfile.fluxDev, nil)
        }
        if impacts == Self.builtInTable {
            return (try ImpactTable.fluxDevTable3, try SensitivityProfile.fluxDev, nil)
        }
        let reading = try ImpactTableReader.read(
            path: impacts,
            for: model,
            options: importOptions
        )
        return (reading.table, reading.profile, reading.shape)
    }

    /// Why there is no plan without a table, and where one comes from for such a model.
    private func noTable(for model: Model) -> Failure {
        let typed = ShellText.input(self.model, as: "--model")
        var remedies: [String] = []
        if model.files.isEmpty {
            remedies.append("name one that plan estimate made of a file of the model with --impacts")
        } else if model.packedWeights.isEmpty {
            remedies.append(
                """
                plan estimate \(typed) makes one of its weights, to be named with --impacts, and plan quantize \(typed) --budget 40% \
                -o \(model.isLanguageModelFromHub ? "OUT/" : "OUT.gguf") makes table, plan and file at once
                """
            )
        } else {
            remedies.append("name one that was made of the model before it was quantized with --impacts")
        }
        let builtIn = (try? ImpactTable.fluxDevTable3).flatMap {
            try? RestrictedTask(PlanningInput(model: model, table: $0))
        }
        if builtIn != nil {
            remedies.append("\(Self.builtInTable), which was measured on FLUX.1-dev, has its layers")
        }
        return Failure(
            code: Failure.usage,
            message: "there is no impact table for \(model.name): \(remedies.joined(separator: "; "))"
        )
    }

    /// The files that the options name, and those that a model named by one of them consists of.
    func files(_ model: Model) -> [String?] {
        namedFiles + model.readFiles
    }

    /// The files that the options name.
    var namedFiles: [String?] { [model, impacts, grouping, imatrix] }

    /// The option that names the model, where it is not the default.
    var modelArguments: [String] {
        model == "flux1-dev" ? [] : ["--model", model]
    }

    /// The same for a command that is to be typed later, when nothing comes through standard input or a pipe.
    var modelWords: [String] {
        modelArguments.map { InputFile.hasName($0) ? $0 : ShellText.standIn(for: "--model") }
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
