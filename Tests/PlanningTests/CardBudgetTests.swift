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

    @Test("a layer that is bound to others is left free, and the card is never overfull")
    func countsTiedLayersInTheirSmallest() throws {
        var bound = try task()
        try bound.problem.apply([Restriction(.formatLimit(2), description: "--max-formats 2")])
        let card = try CardBudget(memory(2_500_000, off: ["token_embd.weight"]), for: &bound)
        let plan = try Allocator().plan(for: bound.problem)
        #expect(card.cardBytes(of: plan, for: bound) <= 1_500_000)
        #expect(
            card.fileBytes - card.memory.bytesForWeights
                <= card.offCardBytes(ofChoices: plan.choices, for: bound)
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
