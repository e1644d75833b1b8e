import BitAllocation
import Planning
import Runtimes
import Sensitivity
import Tensors
import TestSupport
import Testing

/// A card's memory as a budget for a file.
@Suite struct CardBudgetTests {
    private let network: LanguageModelFile
    private let table: ImpactTable

    init() throws {
        network = try LanguageModelFile()
        let formats = [QuantizationFormat.q4_K, .q6_K, .q8_0]
        table = try ImpactTableReader.read(text: network.table(formats), name: "t").table
    }

    private func task() throws -> PlanningTask {
        let model = try LayerGrouping.perTensor.grouped(network.tensors)
        return try PlanningTask(
            model: model,
            impacts: table,
            layout: FileLayout(headerBytes: 1_000, alignment: 32),
            budget: 0
        )
    }

    private func memory(_ bytes: Int, off: Set<String>) -> CardMemory {
        CardMemory(
            bytes: bytes,
            runtime: .llamaCpp,
            claims: [MemoryClaim("KV cache", bytes: 1_000_000, note: "", certainty: .computed)],
            offCardTensors: off
        )
    }

    @Test("what is not on the card takes the format of least impact, and the rest has all of the card")
    func settlesTheHost() throws {
        var onCard = try task()
        let card = try CardBudget(memory(2_500_000, off: ["token_embd.weight"]), for: &onCard)
        let plan = try Allocator().plan(for: onCard.problem)
        #expect(card.movesLayers(of: onCard))
        #expect(plan.format(ofLayer: 0, in: onCard.problem) == "BF16")
        #expect(card.cardBytes(of: plan, for: onCard) <= 1_500_000)
        #expect(card.offCardBytes(ofChoices: plan.choices, for: onCard) == 300 * 256 * 2 + 1_000)
        #expect(card.fits(plan.choices, fileBytes: plan.bytes, for: onCard))

        // The same plan is the best where the layer is taken out of the problem by hand.
        var byHand = try task()
        let problem = byHand.problem
        byHand.problem.forbid { layer, option in
            layer == 0 && problem.formatNames[Int(problem.optionFormat[option])] != "BF16"
        }
        byHand.problem.budget = 1_500_000 + 1_000 + 300 * 256 * 2
        #expect(try Allocator().plan(for: byHand.problem).impact == plan.impact)
    }

    @Test("without anything off the card, the budget is what is left and the header")
    func countsTheHeader() throws {
        var task = try task()
        let card = try CardBudget(memory(2_500_000, off: []), for: &task)
        #expect(card.fileBytes == 1_501_000)
        #expect(task.problem.budget == 1_501_000)
        #expect(!card.movesLayers(of: task))
        #expect(task.problem.isAllowed == nil)
    }

    @Test(
        "a restriction that binds nothing changes nothing, though the search then decides about what is not on the card",
        arguments: ["formats", "second budget", "tie"]
    )
    func leavesUncounted(kind: String) throws {
        let off: Set<String> = ["token_embd.weight"]
        var free = try task()
        _ = try CardBudget(memory(2_500_000, off: off), for: &free)
        var least = try Allocator().plan(for: free.problem).impact

        var bound = try task()
        switch kind {
        case "formats":
            try bound.problem.apply([Restriction(.formatLimit(4), description: "--max-formats 4")])
        case "second budget":
            let costs = bound.problem.optionBytes.map { _ in 1.0 }
            try bound.problem.setSecondBudget(SecondBudget(cost: costs, limit: 1_000))
        default:
            // The best of the plans in which both have one format, each of which settles what is not on the card.
            let pair = [0, bound.problem.layerCount - 1]
            bound.problem.tie(pair)
            least =
                try ["Q4_K", "Q6_K", "Q8_0", "BF16"].map { format in
                    var pinned = try task()
                    let problem = pinned.problem
                    pinned.problem.forbid { layer, option in
                        pair.contains(layer)
                            && problem.formatNames[Int(problem.optionFormat[option])] != format
                    }
                    _ = try CardBudget(memory(2_500_000, off: off), for: &pinned)
                    return try Allocator().plan(for: pinned.problem).impact
                }.min() ?? 0
        }
        let card = try CardBudget(memory(2_500_000, off: off), for: &bound)
        let plan = try Allocator().plan(for: bound.problem)
        #expect(abs(plan.impact - least) <= 2e-9 * least)
        #expect(plan.status == .optimal)
        #expect(card.settledLayers.isEmpty)
        #expect(card.cardBytes(of: plan, for: bound) <= 1_500_000)
        #expect(card.fits(plan.choices, fileBytes: plan.bytes, for: bound))
        #expect(
            card.fileBytes(of: plan, for: bound) - card.memory.bytesForWeights
                == card.offCardBytes(ofChoices: plan.choices, for: bound)
        )
    }

    @Test("a card that is full before any weight is an error that says so")
    func fullCard() throws {
        var task = try task()
        #expect(throws: PlanningError.cardFull(card: 900_000, claimed: 1_000_000)) {
            try CardBudget(memory(900_000, off: []), for: &task)
        }
    }
}
