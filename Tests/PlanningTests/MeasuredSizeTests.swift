import BitAllocation
import Planning
import Sensitivity
import Tensors
import Testing

@testable import Planning

/// Tables that bring the sizes of their formats along, as exllamav2's do.
@Suite struct MeasuredSizeTests {
    private static let text = """
        {"measurement": {
          "model.layers.0.self_attn": [{"accuracy": 0.5, "total_bits": 800}, {"accuracy": 0.9, "total_bits": 1607}],
          "model.layers.0.mlp": [{"accuracy": 0.75, "total_bits": 400}, {"accuracy": 1, "total_bits": 4000}]
        }}
        """

    private func task(formats: [QuantizationFormat]? = nil, budget: Int) throws -> PlanningTask {
        let tensors = try [
            ("model.embed_tokens.weight", [4, 4]), ("model.layers.0.self_attn.q_proj.weight", [16, 16]),
            ("model.layers.0.mlp.up_proj.weight", [16, 16]), ("model.norm.weight", [4]),
        ].map { try TensorInfo(name: $0.0, shape: $0.1) }
        return try PlanningTask(
            model: try LayerGrouping.exllamav2.grouped(tensors),
            impacts: try ImpactTableReader.read(text: Self.text, name: "t").table,
            formats: formats,
            layout: .unpadded,
            budget: budget
        )
    }

    @Test("a plan takes the table's sizes and the options of each layer, and nothing else")
    func plans() throws {
        let kept = 2 * (16 + 4)
        // 100 or 201 bytes and 50 or 500 bytes.
        let task = try task(budget: kept + 300)
        let plan = try Allocator().plan(for: task.problem)
        #expect(plan.bytes == kept + 201 + 50)
        #expect(abs(plan.impact - 0.35) < 1e-12)
        #expect(plan.status == .optimal)
        #expect(task.tensorBytes(of: plan) == plan.bytes)
        #expect(Set(task.problem.formatNames) == ["exl2-01", "exl2-02"])
        #expect(throws: AllocationError.infeasible(budget: kept + 149, smallestBytes: kept + 150)) {
            try Allocator().plan(for: try self.task(budget: kept + 149).problem)
        }
    }

    @Test("other formats are no options")
    func otherFormats() {
        #expect(
            throws: PlanningError.formatNotInTable("Q8_0", table: "t", known: ["exl2-01", "exl2-02"])
        ) { try task(formats: [.q8_0], budget: 1000) }
    }
}
