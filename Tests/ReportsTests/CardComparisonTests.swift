import Reports
import Testing

/// What a longer context costs, in a table and in sentences.
@Suite struct CardComparisonTests {
    private func row(_ context: String, _ impact: Double) -> CardComparison.Row {
        CardComparison.Row(
            context: context,
            cache: "f16",
            cacheBytes: 1 << 20,
            budget: 1 << 30,
            plan: CardComparison.Outcome(bytes: 1 << 29, impact: impact, gap: 0)
        )
    }

    @Test("beside a plan without impact, what the others cost is said as it is")
    func besideNothing() {
        let comparison = CardComparison([row("8k", 0), row("16k", 0), row("32k", 5.0268)], parameters: 1_000)
        let lines = comparison.table().text().split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[2].hasSuffix("+0 %"))
        #expect(lines[3].hasSuffix("+0 %"))
        #expect(lines[4].hasSuffix("+5.027 from 0"))
        #expect(comparison.sentences() == ["32k instead of 16k costs 5.0268 of impact"])
    }

    @Test("speeds are shown by plain figures, and the rounding of a sum is no gap")
    func speeds() {
        let outcome = SpeedComparison.Outcome(
            bytes: 1_000,
            speed: 123_456,
            weights: [1],
            impact: 2,
            gap: 2e-16
        )
        let table = SpeedComparison(
            [
                .init(floor: 99_999, plan: outcome), .init(floor: 12.5, plan: nil),
                .init(floor: 70_746.91427953198, plan: nil),
            ],
            on: ["gpu"],
            parameters: 1_000
        ).table().text()
        #expect(table.contains("99999 "))
        #expect(table.contains("12.5 "))
        #expect(table.contains("70747 "))
        #expect(table.contains("123456 "))
        #expect(!table.contains("e-") && !table.contains("e+"))
    }
}
