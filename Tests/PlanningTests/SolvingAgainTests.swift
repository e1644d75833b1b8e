import Checkpoints
import Planning
import Recipes
import Sensitivity
import Tensors
import TestSupport
import Testing

/// Whether what a recipe's proof says is true, told by solving its task again.
@Suite struct SolvingAgainTests {
    private let generator = Recipe.Generator(version: "0.1.0", arguments: [])

    private func task(_ rules: PlanningRules = PlanningRules()) throws -> RestrictedTask {
        let model = try Model.builtIn(named: "flux1-dev")
        return try RestrictedTask(PlanningInput(model: model, table: .fluxDevTable3), rules)
    }

    private func recipe(_ goal: Goal = .budget(.bytes(9_000_000_000))) throws -> Recipe {
        try task().plan(for: goal).recipe(by: generator)
    }

    @Test("a plan that is called optimal and is the best is found again, within bytes and within an impact")
    func right() throws {
        for goal in [Goal.budget(.bytes(9_000_000_000)), .impact(2.5)] {
            guard case .solved(let again) = try task().solveAgain(recipe(goal)) else {
                Issue.record("not solved")
                continue
            }
            #expect(again.differences == [])
            #expect(again.verdict == "optimal, the same impact in the same bytes")
        }
    }

    @Test(
        "the best plan of a smaller budget is not optimal, and the goal that is given is the one that counts"
    )
    func better() throws {
        let small = try recipe(.budget(.bytes(8_000_000_000)))
        let wide = small.changed { $0.limit = .bytes(9_000_000_000) }
        #expect(try task().solveAgain(wide).differences.map(\.figure) == ["status", "bound"])
        let goal = Goal.budget(.bytes(8_000_000_000))
        #expect(try task().solveAgain(wide, for: goal).differences == [])
    }

    @Test("nothing is solved with another model, other costs, other layers or other tensors")
    func notSolved() throws {
        let (task, recipe) = (try task(), try recipe())
        let otherModel = recipe.changed { $0.model.digest = "fnv1a64:0" }
        #expect(try task.solveAgain(otherModel) == .otherInput)
        let otherTable = recipe.changed { $0.impacts.digest = "fnv1a64:0" }
        #expect(try task.solveAgain(otherTable) == .otherInput)
        let slow = recipe.changed { $0.slowdown = .init(factor: 1.25, costs: "fnv1a64:0") }
        #expect(try task.solveAgain(slow) == .otherCosts)
        let fewer = recipe.changed { $0.layers.removeLast() }
        #expect(try task.solveAgain(fewer) == .otherLayers)
        for again in [SolvingAgain.otherInput, .otherCosts, .otherLayers] {
            #expect(again.differences == [])
        }
        let moved = recipe.changed { $0.layers[3].tensors.removeLast() }
        #expect(
            try task.solveAgain(moved).differences.map { [$0.place, $0.figure] }
                == [[recipe.layers[3].layer, "tensors"]]
        )
    }

    @Test(
        "a format that the rules do not allow, and a limit that no plan keeps to, are said with their reason"
    )
    func impossible() throws {
        let recipe = try recipe()
        let layer = try #require(recipe.layers.first { $0.format != "Q8_0" && $0.format != "BF16" })
        var rules = PlanningRules()
        rules.formats = [.q8_0]
        let refused = try task(rules).solveAgain(recipe)
        #expect(refused == .noOption(.noOption(layer: layer.layer, format: layer.format)))
        #expect(refused.differences.map { [$0.figure, $0.planned] } == [["options", "allowed"]])
        let tiny = try task().solveAgain(recipe.changed { $0.limit = .bytes(1_000_000) })
        guard case .noPlan(.noneFits(let reason)) = tiny else {
            Issue.record("\(tiny)")
            return
        }
        #expect(reason.budget == 1_000_000)
        #expect(
            tiny.differences.map { [$0.figure, $0.found] } == [
                ["restrictions", "\(PlanningError.noneFits(reason))"]
            ]
        )
    }
}
