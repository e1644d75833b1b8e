import BitAllocation
import Planning
import Reports
import Runtimes
import Tensors
import TestSupport
import Testing

/// Where a card's memory goes, in lines.
@Suite struct CardSummaryTests {
    private let memory = CardMemory(
        bytes: 12_000_000_000,
        runtime: .comfyUIGGUF,
        claims: [
            MemoryClaim("KV cache", bytes: 1 << 30, note: "32,768 tokens, q8_0", certainty: .computed),
            MemoryClaim(
                "compute",
                bytes: 1 << 29,
                note: "512 tokens at once; upper bound",
                certainty: .stated
            ),
            MemoryClaim(
                "overhead",
                bytes: 300 << 20,
                note: "what CUDA takes before anything",
                certainty: .assumed
            ),
        ]
    )

    @Test("no line is longer than 80 columns, and the parts add up to the card")
    func fitsTheTerminal() throws {
        var task = try fluxTask(budget: 0)
        let card = try CardBudget(memory, for: &task)
        let plan = try Allocator(method: .greedy).plan(for: task.problem)
        let lines = CardSummary(card, plan: plan, for: task).lines(width: 80)
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.joined(separator: "\n"))")
        #expect(lines.first == "Card    12.00 GB (11.18 GiB) with comfyui-gguf")
        let words = lines.joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(words.contains("upper bound; stated, unverified; worth up to"))
        #expect(words.contains("what CUDA takes before anything; assumed; worth up to"))
        #expect(lines.last?.contains("left") == true)
        let left = memory.bytesForWeights - card.cardBytes(of: plan, for: task)
        #expect(left >= 0)
        #expect(
            memory.bytes == card.cardBytes(of: plan, for: task) + memory.claimedBytes + left
        )
    }

    @Test("a longer context is said to cost, and a smaller cache to buy that back, all or a part of it")
    func sentences() throws {
        func row(_ context: String, _ cache: String, _ impact: Double?) -> CardComparison.Row {
            CardComparison.Row(
                context: context,
                cache: cache,
                cacheBytes: 1,
                budget: 1,
                plan: impact.map { CardComparison.Outcome(bytes: 1, impact: $0, gap: 0) }
            )
        }
        let comparison = CardComparison(
            [
                row("8k", "f16", 1), row("8k", "q8_0", 0.9), row("16k", "f16", 1.1), row("16k", "q8_0", 1),
                row("32k", "f16", 1.3), row("32k", "q8_0", 1.2), row("64k", "f16", nil),
                row("64k", "q8_0", 2),
            ],
            parameters: 1
        )
        #expect(
            comparison.sentences() == [
                "16k instead of 8k costs 10 % more impact; a q8_0 cache buys it back",
                "32k instead of 16k costs 18.2 % more impact; a q8_0 cache buys back 50 % of it",
                "64k does not fit with f16; with q8_0 it does",
            ]
        )
    }
}
