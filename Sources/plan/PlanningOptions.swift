import ArgumentParser
import Converters
import Planning
import Sensitivity

/// What a plan is made of, but for its goal: the card that it is for, model and table, restrictions, and the search.
///
/// All commands that plan for a model and a table have these options, under the same names and with the same words.
struct PlanningOptions: ParsableArguments {
    @OptionGroup(title: "CARD")
    var card: CardOptions

    @OptionGroup(title: "MODEL AND TABLE")
    var model: ModelOptions

    @OptionGroup(title: "RESTRICTIONS")
    var constraints: ConstraintOptions

    @OptionGroup(title: "SEARCH")
    var solver: SolverOptions

    /// The model and the table, joined and kept to the restrictions, after saying what the user should know of them.
    ///
    /// - Parameters:
    ///   - importance: The importance matrix that the file will be made with; nil for what the options and the table say of it.
    ///   - reading: The table of `--impacts`, where it was read already.
    ///   - others: Files that the command reads besides.
    /// - Returns: The task.
    /// - Throws: ``Failure``, and what the modules throw.
    func prepared(
        importance: ConverterImportance? = nil,
        reading: ImpactTableReading? = nil,
        besides others: [String] = []
    ) throws -> RestrictedTask {
        try StandardInput.checkNamedOnce(model.namedFiles + constraints.files + others)
        let runtime = try card.targetRuntime()
        return try RestrictedTask(
            model,
            constraints,
            runtime: runtime,
            importance: importance,
            input: model.input(for: runtime, reading: reading)
        )
    }

    /// The files that are read for a plan of a model, which nothing may be written over.
    func files(_ task: RestrictedTask) -> [String?] {
        model.files(task.input.model) + constraints.files + card.beside
    }
}
