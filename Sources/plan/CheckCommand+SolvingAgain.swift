import ArgumentParser
import BitAllocation
import Checkpoints
import Converters
import Planning
import Recipes
import Runtimes
import Sensitivity

extension CheckCommand {
    /// What solving again says of a recipe.
    struct Again {
        /// What of the recipe is not so.
        var differences: [RecipeDifference] = []
        /// What came of it, in a sentence without its end.
        var sentence: String
    }

    /// Solves again what a recipe was planned from, under the restrictions that it records.
    ///
    /// - Returns: What differs; nothing, with the reason, where the recipe's model, table or restrictions are not at hand.
    func solveAgain(_ recipe: Recipe, _ model: Model, _ table: ImpactTable) throws -> Again {
        func not(_ reason: String) -> Again { Again(sentence: "not solved again: \(reason)") }
        guard model.digest == recipe.model.digest, table.digest == recipe.impacts.digest else {
            return not("the model or the table is another than the recipe's")
        }
        guard !recipe.generator.arguments.isEmpty else {
            return not("it does not record by which arguments it was planned, which may have restricted it")
        }
        guard let solve = try? SolveCommand.parse(recipe.generator.arguments) else {
            return not("the arguments that it records are none of this program's")
        }
        var (options, constraints) = (solve.options.model, solve.options.constraints)
        let typed = options.tableOptions.converter
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
        options.tableOptions.converter = word
        options.tableOptions.combine = ImpactCombination(recipe.impact.combine)
        if let costs { constraints.costs = costs }
        let input = PlanningInput(model: model, table: table, profile: nil)
        do {
            return try translatingErrors {
                let rules = try options.rules(
                    input,
                    constraints,
                    runtime: solve.options.card.targetRuntime()
                ).rules
                let prepared = try RestrictedTask(input, rules)
                guard rules.slowdown?.costs.digest == recipe.slowdown?.costs,
                    rules.slowdown?.factor == recipe.slowdown?.factor
                else {
                    return not("the costs of its --slowdown are others now")
                }
                let problem = prepared.task.problem
                guard Set(problem.layerNames) == Set(recipe.layers.map(\.layer)) else {
                    return not("its grouping makes other layers now")
                }
                let tensors = recipe.tensorDifferences(in: prepared.task)
                guard tensors.isEmpty else {
                    return Again(
                        differences: tensors,
                        sentence:
                            "not solved again: its layers are of other tensors than those of its grouping"
                    )
                }
                return try compare(recipe, with: prepared, solve)
            }
        } catch let failure as Failure {
            return not(failure.message)
        }
    }

    private func compare(
        _ recipe: Recipe,
        with prepared: RestrictedTask,
        _ solve: SolveCommand
    ) throws -> Again {
        let choices: [Int]
        do {
            choices = try recipe.choices(in: prepared.task, from: self.recipe)
        } catch let failure as Failure {
            return Again(
                differences: [
                    RecipeDifference(
                        place: "the plan",
                        figure: "options",
                        planned: "allowed",
                        found: failure.message
                    )
                ],
                sentence: "not solved again: its layers take formats that are no options of theirs"
            )
        }
        let allocator = Allocator { Interruption.isRequested }
        let planned: PlannedModel
        do {
            planned = try translatingErrors {
                // For pictures all weights are on the card, so that the budget says all of it.
                let hasCard = solve.options.card.card != nil && recipe.card?.resolution == nil
                if !solve.deviceOptions.device.isEmpty || hasCard {
                    return try prepared.showPlan(
                        for: solve.request.goal(withRemarks: false),
                        with: solve.options.solver.allocator
                    )
                }
                let goal: Goal =
                    switch recipe.limit {
                    case .bytes(let budget): .budget(.bytes(budget))
                    case .impact(let most): .impact(most)
                    }
                return try prepared.showPlan(for: goal, with: allocator)
            }
        } catch let failure as Failure where failure.code == Failure.noPlan {
            return Again(
                differences: [
                    RecipeDifference(
                        place: "the plan",
                        figure: "restrictions",
                        planned: "kept to",
                        found: failure.message
                    )
                ],
                sentence: "solved again: no plan keeps to its budget and its restrictions"
            )
        }
        // A card settles layers that are not on it, and the recipe keeps to that as well.
        let problem = planned.card == nil ? prepared.task.problem : planned.task.problem
        let again = SolvedAgain(recipe, choices: choices, in: problem, plan: planned.plan)
        return Again(
            differences: again.differences,
            sentence: "solved again: \(again.verdict)"
        )
    }
}
