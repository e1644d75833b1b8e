import BitAllocation
import Converters
import Planning
import Runtimes
import Sensitivity
import Tensors
import Text

extension RestrictedTask {
    /// Reads the model and the table that options name, joins them under the rules that options give, and says what the user
    /// should know of them.
    ///
    /// - Parameters:
    ///   - model: The options of the model and the table.
    ///   - constraints: The options of the restrictions.
    ///   - runtime: The program that loads the file; nil where none is named.
    ///   - importance: The importance matrix that the file will be made with; nil for what the options and the table say of it.
    ///   - input: The model and the table, where they were read already.
    /// - Throws: ``Failure``, and what the modules throw.
    init(
        _ model: ModelOptions,
        _ constraints: ConstraintOptions,
        runtime: TargetRuntime? = nil,
        importance: ConverterImportance? = nil,
        input: PlanningInput? = nil
    ) throws {
        let input = try input ?? model.input(for: runtime)
        let (rules, note, nestedNote) = try model.rules(
            input,
            constraints,
            runtime: runtime,
            importance: importance
        )
        try self.init(input, rules)
        let others = constraints.arguments + (model.formats.map { [$0] } ?? [])
        for note in model.tableOptions.naming.definitionNotes(input.table, input.model, besides: others) {
            Console.note(note)
        }
        if let note { Console.note(note) }
        sayWhatIsSlow()
        sayWhatIsKept()
        sayWhatIsMissing()
        if let note = rules.converter?.importanceNote(of: input.table) { Console.note(note) }
        if let nestedNote { Console.note(nestedNote) }
        let contradiction = input.table.note(onCombining: model.combine)
        if let contradiction { Console.note(contradiction) }
        let oddities = input.table.oddityNotes(
            combinedBy: task.problem.combination,
            saysRule: model.combine == nil || contradiction == nil
        )
        for note in oddities { Console.note(note) }
        if let note = input.tableOwnerNote { Console.note(note) }
    }

    /// Says which formats are left out as the file's likely target decodes them slowly.
    private func sayWhatIsSlow() {
        guard !slowFormats.isEmpty else { return }
        Console.note(
            """
            \(slowFormats.map(\.name).joined(separator: ", ")) \(slowFormats.count == 1 ? "is" : "are") left out, as ComfyUI-GGUF decodes \
            \(slowFormats.count == 1 ? "it" : "them") slowly or not at all; --runtime stable-diffusion.cpp or --formats \
            \(slowFormats.count == 1 ? "takes it" : "takes them")
            """
        )
    }

    /// Says what stays out of the plan that nobody asked for.
    private func sayWhatIsKept() {
        if let note = keptLayers.note { Console.note(note) }
        if let note = keptLayers.unfitNote { Console.note(note) }
        if let note = keptCasts.note { Console.note(note) }
    }

    /// Says what the table does not know: formats by their sizes, and pinned layers.
    private func sayWhatIsMissing() {
        if let first = task.unknownFormats.first, rules.formats == nil {
            let meant = task.unknownFormats.compactMap { name in
                QuantizationFormat.likely(name).map { "\($0.name) for \(name)" }
            }
            let question = meant.isEmpty ? "" : "did you mean \(meant.joined(separator: ", "))? "
            Console.note(
                """
                the table's columns for \(task.unknownFormats.joined(separator: ", ")) are left out, as the sizes of these formats \
                are not known; \(question)--define \(ShellText.word(first))=BYTES/ELEMENTS makes one known
                """
            )
        }
        let planned = task.problem.formatNames.compactMap(QuantizationFormat.init(named:))
        if let converter = rules.converter, let first = converter.storedWithScales(planned).first {
            Console.note(
                """
                the table's \(first) is a cast without a scale, where \(converter.name) stores one with every weight: the file may be \
                better than the table says; plan estimate --formats \(first)_scaled measures what is stored
                """
            )
        }
        if !task.unmeasuredLayers.isEmpty {
            Console.note(
                """
                the table says nothing of \(task.unmeasuredLayers.count) pinned layers, whose impact counts as 0: \
                \(KeptLayers.list(task.unmeasuredLayers))
                """
            )
        }
    }
}
