import ArgumentParser
import BitAllocation
import Checkpoints
import Converters
import Planning
import Recipes
import Runtimes
import Sensitivity
import Text

extension CheckCommand {
    /// What solving again says of a recipe.
    struct Again {
        /// What of the recipe is not so.
        var differences: [RecipeDifference] = []
        /// What came of it, in a sentence without its end.
        var sentence: String
    }

    /// Solves again what a recipe was planned from, under the restrictions that its arguments record.
    ///
    /// - Returns: What differs; nothing, with the reason, where the recipe's model, table or restrictions are not at hand.
    func solveAgain(_ recipe: Recipe, _ model: Model, _ table: ImpactTable) throws -> Again {
        func not(_ reason: String) -> Again { Again(sentence: "not solved again: \(reason)") }
        let input = PlanningInput(model: model, table: table, profile: nil)
        guard recipe.wasPlanned(on: input) else { return Again(.otherInput) }
        guard !recipe.generator.arguments.isEmpty else {
            return not("it does not record by which arguments it was planned, which may have restricted it")
        }
        guard let solve = try? SolveCommand.parse(recipe.generator.arguments) else {
            return not("the arguments that it records are none of this program's")
        }
        let (options, constraints) = (solve.options.model, solve.options.constraints)
        let files = [options.imatrix, constraints.nestedIn, costs == nil ? constraints.costs : nil]
            .compactMap(\.self)
        guard files.allSatisfy(InputFile.isLasting) else {
            return not("what came through standard input or a pipe when it was planned is not there any more")
        }
        let typed = solve.options.model.tableOptions.converter
        let runtime = try? solve.options.card.targetRuntime()
        guard
            let word = try ConverterChoice.word(for: recipe.converter, typed: typed, runtime: runtime)
        else {
            return Again(
                differences: [
                    RecipeDifference(
                        place: "the plan",
                        figure: "converter",
                        planned: recipe.converter ?? "none",
                        found: typed ?? "the one that binds where none is named"
                    )
                ],
                sentence: "not solved again: the converter of its arguments is not the one that it names"
            )
        }
        do {
            return try translatingErrors {
                let task = try task(of: recipe, input, solve, converter: word)
                return Again(try task.solveAgain(recipe) { try plan(of: recipe, $0, solve) })
            }
        } catch let failure as Failure {
            return not(failure.message)
        }
    }

    /// The task that a recipe's arguments make of its model and table.
    private func task(
        of recipe: Recipe,
        _ input: PlanningInput,
        _ solve: SolveCommand,
        converter: String
    ) throws -> RestrictedTask {
        var (options, constraints) = (solve.options.model, solve.options.constraints)
        options.tableOptions.converter = converter
        options.tableOptions.combine = ImpactCombination(recipe.impact.combine)
        if let costs { constraints.costs = costs }
        let runtime = try solve.options.card.targetRuntime()
        return try RestrictedTask(input, options.rules(input, constraints, runtime: runtime).rules)
    }

    /// The best plan of a recipe's task, for what its arguments ask for.
    private func plan(
        of recipe: Recipe,
        _ task: RestrictedTask,
        _ solve: SolveCommand
    ) throws -> PlannedModel {
        // For pictures all weights are on the card, so that the budget says all of it.
        let hasCard = solve.options.card.card != nil && recipe.card?.resolution == nil
        guard hasCard || !solve.deviceOptions.device.isEmpty else {
            return try task.showPlan(for: Goal(recipe.limit), with: Allocator { Interruption.isRequested })
        }
        return try task.showPlan(
            for: solve.request.goal(withRemarks: false),
            with: solve.options.solver.allocator
        )
    }
}

extension CheckCommand.Again {
    /// What came of it, in words.
    init(_ again: SolvingAgain) {
        let sentence =
            switch again {
            case .otherInput: "not solved again: the model or the table is another than the recipe's"
            case .otherCosts: "not solved again: the costs of its --slowdown are others now"
            case .otherLayers: "not solved again: its grouping makes other layers now"
            case .otherTensors:
                "not solved again: its layers are of other tensors than those of its grouping"
            case .noOption: "not solved again: its layers take formats that are no options of theirs"
            case .noPlan: "solved again: no plan keeps to its budget and its restrictions"
            case .solved(let again): "solved again: \(again.verdict)"
            }
        self.init(differences: again.differences, sentence: sentence)
    }
}
