import Sensitivity
import Text
import BitAllocation
import Reports
import Runtimes
import TestSupport
import Testing

@testable import Planning

/// What speed costs on several devices.
@Suite struct SpeedComparisonTests {
    private let small: SmallTask

    init() throws { small = try SmallTask() }

    /// Plans of 8 · 10⁹ parameters in 7 GB, which are 7 bits per weight.
    private func row(_ floor: Double?, _ impact: Double?, speed: Double? = nil, gap: Double = 0)
        -> SpeedComparison.Row
    {
        SpeedComparison.Row(
            floor: floor,
            plan: impact.map {
                .init(bytes: 7_000_000_000, speed: speed, weights: [1 << 30, 5 << 30], impact: $0, gap: gap)
            }
        )
    }

    private var rows: [SpeedComparison.Row] {
        [
            row(nil, 1.5, speed: 21.739), row(25, 3, speed: 25.5, gap: 0.02), row(40, 30, speed: 40),
            row(1e6, nil),
        ]
    }

    @Test("a floor on the speed has a row with its plan, and how much more impact that has than the first")
    func comparison() throws {
        let table = SpeedComparison(rows, on: ["cpu", "gpu\u{7}"], parameters: 8_000_000_000).table()
        try ExpectedText.expect(table.inEveryForm(), in: "ReportsTests/Expected/SpeedComparison.txt")
        expectFits(table.text(style: .eighty))
    }

    @Test("the curve has the model, the table and the devices besides, in every form")
    func frontier() throws {
        let frontier = SpeedFrontier(
            rows,
            on: [
                Device(name: "cpu", buffer: "CPU", bytes: 64 << 30, bandwidth: 5e10),
                Device(name: "gpu", buffer: "CUDA0", bytes: 24 << 30, bandwidth: nil),
            ],
            modelName: "small*\u{7}",
            parameters: 8_000_000_000,
            combination: .sum,
            table: small.table
        )
        try ExpectedText.expect(
            """
            == Text

            \(frontier.text(style: .eighty))
            == Markdown

            \(frontier.text(markdown: true))
            == JSON

            \(try frontier.jsonValue.text())
            """,
            in: "ReportsTests/Expected/SpeedFrontier.txt"
        )
        expectFits(frontier.text(style: .eighty))
    }

    @Test("without a row the table is its headings, and a speed that is not known is empty")
    func edges() {
        let table = SpeedComparison([], on: ["cpu"], parameters: 0).table()
        #expect(table.csv() == "minSpeed,speed,bytes,bitsPerWeight,weights.cpu,impact,gap,excessImpact\n")
        let unknown = SpeedComparison([row(nil, 1)], on: ["cpu", "gpu"], parameters: 1).table()
        #expect(unknown.rows[0].prefix(2).map(\.text) == ["", ""])
    }

    @Test(
        "a point of a curve has a row with what its plan comes to, the rounding of a proven one being no gap"
    )
    func points() throws {
        let fixture = try DeviceFixture()
        let proven = fixture.plan(["Q4_0", "Q8_0", "Q4_0"])
        let made = SpeedComparison.Row(SpeedCurve.Point(floor: 12, plan: proven))
        let outcome = try #require(made.plan)
        #expect(made.floor == 12 && outcome.gap == 0)
        #expect(outcome.bytes == proven.plan.bytes && outcome.impact == proven.plan.impact)
        #expect(outcome.weights == [1 << 30, 8 << 30] && outcome.speed == proven.speed)
        let open = fixture.plan(["Q4_0", "Q8_0", "Q4_0"], bound: proven.plan.impact / 2)
        #expect(SpeedComparison.Outcome(open).gap == open.plan.gap && open.plan.gap > 0)
        #expect(SpeedComparison.Row(SpeedCurve.Point(floor: 1e6, plan: nil)) == row(1e6, nil))
    }
}
