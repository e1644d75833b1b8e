import Reports
import Runtimes
import TestSupport
import Testing

@Suite struct CardTableTests {
    /// A card of 12 GB, of which 1 GiB and 0.5 GiB are taken.
    private func table(off: Set<String> = []) -> CardTable {
        CardTable(
            CardMemory(
                bytes: 12_000_000_000,
                runtime: .llamaCpp,
                claims: [
                    MemoryClaim(
                        "KV cache",
                        bytes: 1 << 30,
                        note: "32,768 tokens, q8_0",
                        certainty: .computed
                    ),
                    MemoryClaim(
                        "compute",
                        bytes: 1 << 29,
                        note: "512 tokens at once; upper bound of what the runtime's own log says",
                        certainty: .stated
                    ),
                ],
                offCardTensors: off
            )
        )
    }

    @Test("a card is a row for what is left for weights, and one per part that takes the rest")
    func whole() throws {
        let table = table(off: ["token_embd.weight", "b", "a\u{7}", "d", "c"])
        try ExpectedText.expect(
            table.table.inEveryForm() + "\n== Lines\n\n" + table.text(width: 80),
            in: "ReportsTests/Expected/CardTable.txt"
        )
        expectFits(table.table.text(style: .eighty))
        expectFits(table.text(width: 80))
    }

    @Test("names of tensors that are not on the card are broken at the terminal's width")
    func offCard() {
        let names = Set((0..<4).map { "a.tensor.with.a.rather.long.name.\($0).weight" })
        expectFits(table(off: names).text(width: 80))
        #expect(
            table(off: ["token_embd.weight"]).text(width: 80).hasSuffix(
                "        In the file, not on the card: token_embd.weight\n"
            )
        )
    }

    @Test("a card whose parts are larger than it is has no line for weights")
    func full() {
        let memory = CardMemory(
            bytes: 1,
            runtime: .comfyUIGGUF,
            claims: [MemoryClaim("compute", bytes: 2, note: "", certainty: .given)]
        )
        #expect(
            CardTable(memory).text(width: 80) == "Card    1 B (1 B) with comfyui-gguf\n        compute  2 B\n"
        )
        #expect(CardTable(memory).table.csv().contains("weights,-1,"))
    }

    @Test("lengths of context and caches stand side by side, with what a longer one costs")
    func comparison() throws {
        func row(
            _ context: String,
            _ cache: String,
            _ bytes: Int?,
            _ impact: Double?,
            _ refusal: String? = nil
        ) -> CardComparison.Row {
            CardComparison.Row(
                context: context,
                cache: cache,
                cacheBytes: bytes,
                budget: bytes.map { 8_000_000_000 - $0 },
                plan: impact.map { .init(bytes: 7_000_000_000, impact: $0, gap: $0 > 2 ? 0.02 : 0) },
                refusal: refusal
            )
        }
        // 7 GB of 8 · 10⁹ parameters are 7 bits per weight.
        let comparison = CardComparison(
            [
                row("8k", "f16", 1 << 28, 1),
                row("8k", "q4_0", nil, nil, "refused: q4_0 needs flash attention"),
                row("32k", "f16", 1 << 30, 4), row("32k", "q4_0", 1 << 28, 1.5),
                row("128k", "f16", 4 << 30, nil), row("128k", "q4_0", 1 << 30, 30),
            ],
            parameters: 8_000_000_000
        )
        try ExpectedText.expect(
            comparison.table().inEveryForm() + "\n== Sentences\n\n"
                + comparison.sentences().map { $0 + "\n" }.joined(),
            in: "ReportsTests/Expected/CardComparison.txt"
        )
        expectFits(comparison.table().text(style: .eighty))
        // What is dealt to several tables has context and cache in each.
        let headings = comparison.table().text(style: .eighty).split(separator: "\n")
            .filter { $0.hasPrefix("Context") }
        #expect(headings.count == 2)
        #expect(headings.allSatisfy { $0.hasPrefix("Context  Cache") })
        #expect(CardComparison([], parameters: 1).sentences().isEmpty)
    }
}
