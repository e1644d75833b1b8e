import Sensitivity
import BitAllocation
import Planning
import Tensors
import TestSupport
import Testing

@testable import Reports

@Suite struct LayerExplanationTests {
    /// Why the last layer takes Q8_0, in the best plan within 214,000 bytes.
    ///
    /// In Q4_0 the best plan has blk.1 and blk.0 in Q8_0, at 1 + 2 + 2 + 16 = 21. In BF16 the smallest plan has 242,664 bytes.
    private func explanation(
        _ small: SmallTask,
        reasons: [Restriction] = [],
        curve: FrontierCurve? = nil
    ) -> LayerExplanation {
        let options = Array(small.problem.options(ofLayer: 3))
        let pinned: [(option: Int, plan: Result<AllocationPlan, AllocationError>)] = [
            (options[2], .failure(.infeasible(budget: 214_000, smallestBytes: 242_664))),
            (options[0], .success(small.plan(small.choices("Q8_0", "Q8_0", "Q4_0", "Q4_0"), bound: 20.5))),
            (options[1], .success(small.best)),
        ]
        return LayerExplanation(
            layer: 3,
            plan: small.best,
            task: small.task,
            reasons: RestrictionReasons(reasons, of: small.problem),
            price: BudgetPrice(of: small.problem, at: small.best.choices),
            pinned: pinned,
            curve: curve
        )
    }

    @Test("a layer's formats stand with their costs, and the plan's price and changes above them")
    func whole() throws {
        let small = try SmallTask()
        let curve = try FrontierCurve(of: small.problem, allocator: Allocator())
        let explanation = explanation(small, curve: curve)
        try ExpectedText.expect(
            """
            \(explanation.text(style: .eighty))
            == The table

            \(try explanation.table().inEveryForm())
            == Changes as CSV

            \(explanation.changeTable().csv())
            == The curve as CSV

            \(explanation.curveTable().csv())
            """,
            in: "ReportsTests/Expected/LayerExplanation.txt"
        )
        expectFits(explanation.text(style: .eighty))
    }

    @Test("where the worst layer decides, bytes have no price, and the layer that decides is said to")
    func maximum() throws {
        let text = explanation(try SmallTask(combination: .max)).text()
        #expect(
            text.contains("Price   none: where the worst layer decides, bytes have no price of their own\n")
        )
        #expect(
            text.contains(
                "output.weight has 3, which does not count while another layer has more\n"
            )
        )
        #expect(text.contains("Changes not known\n"))
    }

    @Test("under the root of the sum of squares a layer has its share of the squares")
    func squares() throws {
        // 16 + 4 + 4 + 9 = 33, of which 9 are 27.3 %; √33 = 5.7446.
        let text = explanation(try SmallTask(combination: .rss)).text()
        #expect(
            text.contains(
                "Plan    impact 5.7446, proven the least; output.weight has 3, 27.3 % of the sum of squares\n"
            )
        )
        #expect(text.contains("Reduced cost (squared)"))
    }

    @Test("a restriction that forbids a format is named in its row, and tied layers are said")
    func restrictions() throws {
        var small = try SmallTask()
        let restriction = Restriction(
            .atLeast(try Glob("output.*"), .q8_0),
            description: "--at-least output.*=Q8_0"
        )
        let unrestricted = small.problem
        try small.task.problem.apply([restriction])
        small.task.problem.tie([1, 3])
        let explanation = LayerExplanation(
            layer: 3,
            plan: small.best,
            task: small.task,
            reasons: RestrictionReasons([restriction], of: unrestricted),
            price: BudgetPrice(of: small.problem, at: small.best.choices),
            pinned: [
                (
                    small.problem.options(ofLayer: 3).lowerBound,
                    .failure(.layerWithoutOptions("output.weight"))
                )
            ],
            curve: nil
        )
        #expect(
            explanation.table().rows[0].map(\.text) == [
                "Q4_0", "36.86 kB", "16", "forbidden by --at-least output.*=Q8_0", "", "", "", "forbidden",
            ]
        )
        let text = explanation.text(style: .eighty)
        expectFits(text)
        #expect(
            text.contains(
                "Tied    to blk.1.ffn_up.weight; reduced costs and dominance are those of all\n        together\n"
            )
        )
    }

    @Test("formats that other layers may take and this one may not are said with the reason")
    func never() throws {
        let small = try SmallTask()
        #expect(explanation(small).neverLines.isEmpty)
    }
}
