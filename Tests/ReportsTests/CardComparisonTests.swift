import BitAllocation
import Reports
import Runtimes
import Testing

@testable import Planning

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

    private func outcome(_ runtime: RuntimeName, fileBytes: Int?, plan: AllocationPlan? = nil) -> CardOutcome
    {
        let memory = CardMemory(
            bytes: 1 << 34,
            runtime: runtime,
            claims: [MemoryClaim(LlamaCpp.cacheName, bytes: 1 << 20, note: "", certainty: .computed)]
        )
        return CardOutcome(memory: memory, fileBytes: fileBytes, plan: plan)
    }

    @Test("what became of a task on a card has a row")
    func outcomes() throws {
        let plan = try SmallTask().best
        let row = CardComparison.Row(
            context: "8k",
            cache: "q8_0",
            outcome(.llamaCpp, fileBytes: 214_000, plan: plan)
        )
        #expect(row.context == "8k" && row.cache == "q8_0" && row.refusal == nil)
        #expect(row.cacheBytes == 1 << 20 && row.budget == 214_000)
        #expect(row.plan == .init(bytes: plan.bytes, impact: plan.impact, gap: plan.gap))
        let none = CardComparison.Row(context: "8k", cache: "q8_0", outcome(.llamaCpp, fileBytes: nil))
        #expect(none.context == "8k" && none.budget == nil && none.plan == nil)
    }

    @Test("a runtime for pictures has neither a length nor a cache, but for saying of what nothing is left")
    func pictures() {
        let row = CardComparison.Row(context: "8k", cache: "f16", outcome(.comfyUIGGUF, fileBytes: 1))
        #expect(row.context.isEmpty && row.cache.isEmpty)
        let none = CardComparison.Row(context: "8k", cache: "f16", outcome(.comfyUIGGUF, fileBytes: nil))
        #expect(none.context == "8k" && none.cache == "f16")
    }

    @Test("formats that the runtime refuses have a row, and other errors have none")
    func refusals() {
        func refusal(_ error: RuntimeError) -> String? {
            CardComparison.Row(context: "8k", cache: "q4_0", refusedBy: error)?.refusal
        }
        #expect(
            refusal(.cacheFormatsDiffer(keys: "f16", values: "q8_0", architecture: "deepseek2"))
                == "refused: keys in f16, values in q8_0"
        )
        #expect(
            refusal(.cacheBlockDoesNotDivide(part: "head", format: "q4_0", block: 32, length: 80))
                == "refused: 32 does not divide 80"
        )
        #expect(refusal(.noContext(model: "m")) == nil)
        #expect(refusal(.valuesNeedFlashAttention(format: "q4_0")) == nil)
    }
}
