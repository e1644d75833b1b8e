import BitAllocation
import Checkpoints
import Converters
import Planning
import Reports

/// What the options of a planning command describe: a model and a table, joined and kept to the restrictions.
struct RestrictedTask {
    /// The model and the table.
    var input: ModelOptions.Input
    /// The task with the restrictions; its budget is still to be set.
    var task: PlanningTask
    /// The task's problem without the restrictions.
    let unrestricted: AllocationProblem
    /// The restrictions, in the order of the options.
    let restrictions: [Restriction]

    /// Reads the model and the table, joins them, and applies the restrictions.
    ///
    /// - Parameters:
    ///   - model: The options of the model and the table.
    ///   - constraints: The options of the restrictions.
    ///   - runtime: What the program that loads the file makes of the plan; nil where none is named.
    ///   - importance: The importance matrix that the file will be made with; nil for what the table says of it.
    /// - Throws: ``Failure``, and what the modules throw.
    init(
        _ model: ModelOptions,
        _ constraints: ConstraintOptions,
        runtime: RuntimeBinding? = nil,
        importance: ConverterImportance? = nil
    ) throws {
        try self.init(model.input(), model, constraints, runtime: runtime, importance: importance)
        if let note = try constraints.nestedNote(input.table) { Console.note(note) }
        if let note = input.table.note(onCombining: model.combine) { Console.note(note) }
        for note in input.table.oddityNotes(combinedBy: task.problem.combination) { Console.note(note) }
        if let note = input.tableOwnerNote { Console.note(note) }
    }

    /// Joins a model and a table that have been read, and applies the restrictions.
    init(
        _ input: ModelOptions.Input,
        _ model: ModelOptions,
        _ constraints: ConstraintOptions,
        runtime: RuntimeBinding? = nil,
        importance: ConverterImportance? = nil
    ) throws {
        self.input = input
        task = try model.task(input, constraints, runtime: runtime, importance: importance)
        unrestricted = task.problem
        restrictions = try constraints.restrictions(for: task)
        do {
            try task.problem.apply(restrictions)
        } catch PlanningError.formatNowhere(let restriction, let format, let known) {
            guard let rows = UnfitRows(task, format: format) else {
                throw PlanningError.formatNowhere(restriction, format: format, known: known)
            }
            throw Failure(
                code: Failure.usage,
                message: "\(restriction): no layer it matches can take \(format): \(rows.sentence)"
            )
        }
    }

    /// What the table holds and how its impacts combine, in a line.
    var tableLine: TableLine {
        TableLine(input.table, combination: task.problem.combination)
    }

    /// A budget in bytes of the whole file.
    func bytes(of budget: Budget) -> Int {
        budget.bytes(parameters: input.model.parameters, sourceBytes: task.sourceBytes)
    }

    /// The plan within a budget; where there is none, an error that says what forces it.
    func plan(within budget: Int, with allocator: Allocator) throws -> AllocationPlan {
        var problem = task.problem
        problem.budget = budget
        do {
            return try LongWork.run("the plan", with: allocator) { [problem] in try $0.plan(for: problem) }
        } catch let error as AllocationError {
            switch error {
            case .infeasible, .overconstrained:
                if let relax = unrestricted.relaxation(of: restrictions, within: budget) {
                    throw PlanningError.contradiction(relax: relax, budget: budget)
                }
            default: break
            }
            guard case .infeasible(_, let smallestBytes) = error else { throw error }
            throw Infeasibility(task: task, budget: budget, smallestBytes: smallestBytes).failure
        }
    }

    /// The plan within a budget that a card may have made; where there is none, the card's parts are shown first.
    func plan(
        within budget: Int,
        on card: CardBudget?,
        with allocator: Allocator
    ) throws -> AllocationPlan {
        do {
            return try plan(within: budget, with: allocator)
        } catch {
            for line in card.map({ CardSummary($0, for: task).lines(width: Console.width) }) ?? [] {
                Console.note(line)
            }
            throw error
        }
    }

    /// The smallest plan with at most an impact; where there is none, an error that says what forces it.
    func smallestPlan(maximumImpact: Double, with allocator: Allocator) throws -> AllocationPlan {
        do {
            return try LongWork.run("the plan", with: allocator) {
                try $0.smallestPlan(for: task.problem, maximumImpact: maximumImpact)
            }
        } catch let error as AllocationError {
            switch error {
            case .impactOutOfReach, .overconstrained:
                if let relax = unrestricted.relaxation(of: restrictions, maximumImpact: maximumImpact) {
                    throw PlanningError.contradiction(relax: relax, budget: nil)
                }
            default: break
            }
            throw error
        }
    }
}
