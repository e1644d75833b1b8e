import Planning
import BitAllocation
import Reports
import TestSupport
import Testing

@Suite struct PlanComparisonTests {
    private let small: SmallTask

    init() throws { small = try SmallTask() }

    private func comparison(_ rows: [PlanComparison.Row]) -> PlanComparison {
        PlanComparison(rows, for: small.task, parameters: SmallTask.parameters)
    }

    @Test("budgets stand side by side, with what changes from row to row and what a restriction costs")
    func whole() throws {
        // All in Q4_0 are 148,456 bytes and an impact of 30; all in Q8_0 279,528 and 6.5.
        let smallest = small.plan(small.choices("Q4_0", "Q4_0", "Q4_0", "Q4_0"))
        let better = small.plan(small.choices("Q8_0", "Q4_0", "Q8_0", "Q8_0"), bound: 12)
        let comparison = comparison([
            .init(
                label: "100kB",
                budget: 100_000,
                plan: .failure(.infeasible(budget: 100_000, smallestBytes: 148_456))
            ),
            .init(label: "150kB", budget: 150_000, plan: .success(smallest), unrestricted: smallest),
            .init(label: "214kB", budget: 214_000, plan: .success(small.best), unrestricted: small.best),
            .init(label: "250kB", budget: 250_000, plan: .success(better), unrestricted: small.best),
            .init(label: "1GB", budget: 1_000_000_000, plan: .failure(.limitReached)),
        ])
        try ExpectedText.expect(
            """
            \(try comparison.table().inEveryForm())
            == Only formats that are used

            \(comparison.table(usedOnly: true).text(style: .eighty))
            == Changes as text

            \(comparison.changeTable().text(style: .eighty))
            == Changes as CSV

            \(comparison.changeTable().csv())
            """,
            in: "ReportsTests/Expected/PlanComparison.txt"
        )
        expectFits(comparison.table().text(style: .eighty))
        expectFits(comparison.changeTable().text(style: .eighty))
        #expect(
            comparison.changes().map(\.difference.summary) == [
                "2 of 4 layers change, 2 up and 0 down", "3 of 4 layers change, 2 up and 1 down",
            ]
        )
    }

    @Test("one budget has nothing to change from, and none has no rows")
    func few() {
        let one = comparison([.init(label: "1GB", budget: 1_000_000_000, plan: .success(small.best))])
        #expect(one.changes().isEmpty)
        #expect(one.changeTable().csv() == "fromBudget\n")
        #expect(one.table().rows.map { $0.suffix(3).map(\.text) } == [["", "", ""]])
        #expect(comparison([]).table().rows.isEmpty)
    }
}
