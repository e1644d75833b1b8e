import Text
import BitAllocation
import Planning
import Reports
import TestSupport
import Testing

/// The curve of best plans in every form.
@Suite struct FrontierReportFormsTests {
    /// The curve of the small task, with one format for all beside it.
    private func report(count: Int? = nil) throws -> FrontierReport {
        let small = try SmallTask()
        return FrontierReport(
            try FrontierCurve(of: small.problem, allocator: Allocator()),
            count: count,
            compared: ComparedPlan.uniformPlans(of: small.problem),
            modelName: "small*\u{7}",
            combination: .sum,
            parameters: SmallTask.parameters,
            table: small.table
        )
    }

    @Test("a curve stands with its sizes, impacts and knees, in every form")
    func whole() throws {
        let report = try report(count: 6)
        try ExpectedText.expect(
            """
            == Text

            \(report.text(style: .eighty))
            == Markdown

            \(report.text(markdown: true))
            == CSV

            \(report.csv())
            == JSON

            \(try report.jsonValue.text())
            """,
            in: "ReportsTests/Expected/FrontierReport.txt"
        )
        expectFits(report.text(style: .eighty))
    }

    @Test("one plan is in the singular")
    func one() throws {
        let problem = try AllocationProblem(
            layers: [.init(name: "l", options: [.init(format: "Q8_0", bytes: 1, impact: 0)])],
            budget: 0
        )
        let report = FrontierReport(
            try FrontierCurve(of: problem, allocator: Allocator()),
            count: nil,
            compared: [],
            modelName: "m",
            combination: .sum,
            parameters: 1
        )
        #expect(report.heading == "m: 1 best plan, the only one there is")
    }
}
