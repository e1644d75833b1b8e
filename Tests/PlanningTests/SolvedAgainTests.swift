import BitAllocation
import Planning
import Recipes
import TestSupport
import Testing

/// Recipes beside the plans that are found when they are solved again.
@Suite struct SolvedAgainTests {
    /// A problem of three layers with two formats each, in which two plans have the least impact and one is smaller.
    private func problem(budget: Int) throws -> AllocationProblem {
        let layers = [("t0", 4, [3.0, 3]), ("t1", 5, [3, 1]), ("t2", 3, [3, 2])].map { name, rows, impacts in
            AllocationProblem.Layer(
                name: name,
                options: zip([("Q4_0", 144), ("Q8_0", 272)], impacts).map {
                    .init(format: $0.0, bytes: rows * $0.1, impact: $1)
                }
            )
        }
        return try AllocationProblem(layers: layers, fixedBytes: 0, budget: budget, combination: .sum)
    }

    /// A recipe of a plan of that problem.
    private func recipe(
        _ choices: [Int],
        _ problem: AllocationProblem,
        _ status: Recipe.Proof.Status = .optimal
    )
        throws -> Recipe
    {
        let impact = problem.impact(ofChoices: choices)
        return try fluxRecipe().changed {
            $0.impact.total = impact
            $0.size.bytes = problem.bytes(ofChoices: choices)
            $0.limit = .bytes(problem.budget)
            $0.proof.status = status
            $0.proof.bound = status == .optimal ? impact : 0
            $0.proof.gap = status == .optimal ? 0 : 1
        }
    }

    private func again(_ recipe: Recipe, _ choices: [Int], _ problem: AllocationProblem) throws -> SolvedAgain
    {
        SolvedAgain(recipe, choices: choices, in: problem, plan: try Allocator().plan(for: problem))
    }

    @Test("the best plan is optimal, the same impact in the same bytes")
    func right() throws {
        let problem = try problem(budget: 3000)
        let plan = try Allocator().plan(for: problem)
        let again = try again(recipe(plan.choices, problem), plan.choices, problem)
        #expect(again.differences == [])
        #expect(again.verdict == "optimal, the same impact in the same bytes")
    }

    @Test(
        "a plan that is called optimal while another is better is found out, and one that is called feasible is not"
    )
    func better() throws {
        let problem = try problem(budget: 3000)
        let choices = [0, 2, 5]
        let untrue = try again(recipe(choices, problem), choices, problem)
        #expect(untrue.differences.map(\.figure) == ["status", "bound"])
        #expect(untrue.differences.first?.found == "a better plan has impact 6 in 2,752 bytes")
        let modest = try again(recipe(choices, problem, .feasible), choices, problem)
        #expect(modest.differences == [])
        #expect(modest.verdict.hasPrefix("a better plan has impact 6 "))
    }

    @Test("a larger file of the same impact is not the best")
    func larger() throws {
        let problem = try problem(budget: 4960)
        let choices = [1, 3, 5]
        let again = try again(recipe(choices, problem), choices, problem)
        #expect(again.differences.map(\.figure) == ["bytes"])
        #expect(again.differences.first?.found == "the same impact in 2752")
    }

    @Test("a bound that a plan is below is no bound")
    func bound() throws {
        let problem = try problem(budget: 3000)
        let choices = [0, 2, 5]
        let recipe = try recipe(choices, problem, .feasible).changed { $0.proof.bound = 7 }
        #expect(try again(recipe, choices, problem).differences.map(\.figure) == ["bound"])
    }

    @Test("a plan that keeps to no restriction is found out, however good it is")
    func restrictions() throws {
        var problem = try problem(budget: 3000)
        let best = try Allocator().plan(for: problem).choices
        let recipe = try recipe(best, problem)
        problem.forbid { layer, option in layer == 1 && option == best[1] }
        let again = try again(recipe, best, problem)
        #expect(again.differences.map(\.figure) == ["restrictions"])
        #expect(again.differences.first?.found == "t1 may not take the format that it has")
    }

    @Test("of a plan for the smallest file the bytes count")
    func smallestFile() throws {
        let problem = try problem(budget: 5000)
        let smallest = try Allocator().smallestPlan(for: problem, maximumImpact: 7)
        let recipe = try recipe(smallest.choices, problem).changed {
            $0.limit = .impact(7)
            $0.proof.objective = .bytes
            $0.proof.bound = Double(smallest.bytes)
        }
        func again(_ recipe: Recipe, _ choices: [Int]) -> SolvedAgain {
            SolvedAgain(recipe, choices: choices, in: problem, plan: smallest)
        }
        #expect(again(recipe, smallest.choices).verdict == "optimal, the same impact in the same bytes")
        let larger = [1, 3, 5]
        let grown = recipe.changed { $0.size.bytes = problem.bytes(ofChoices: larger) }
        #expect(again(grown, larger).differences.map(\.figure) == ["status"])
    }
}
