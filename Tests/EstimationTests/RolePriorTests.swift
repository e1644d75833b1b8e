import Checkpoints
import Sensitivity
import Tensors
import Testing

@testable import Estimation

@Suite("A prior by role")
struct RolePriorTests {
    private let prior = RolePrior(
        weights: [
            .attentionQuery: 0.25, .attentionKey: 0.5, .attentionValue: 4, .feedForwardGate: 2,
            .feedForwardUp: 1, .feedForwardDown: 3,
        ],
        source: "a test"
    )

    @Test("fused tensors have the sum of their parts, experts what their part has, all others the mean")
    func weights() {
        #expect(prior.weight(ofTensor: "blk.3.attn_v.weight") == 4)
        #expect(prior.weight(ofTensor: "model.layers.3.self_attn.q_proj.weight") == 0.25)
        #expect(prior.weight(of: .attentionQueryKeyValue) == 4.75)
        #expect(prior.weight(of: .feedForwardGateUp) == 3)
        #expect(prior.weight(of: .expertGateUp) == 3)
        #expect(prior.weight(of: .expertDown) == 3 && prior.weight(of: .sharedExpertUp) == 1)
        for role in [TensorRole.attentionOutput, .output, .tokenEmbedding, .modulation, .router, .fusedInput]
        {
            #expect(prior.weight(of: role) == nil)
        }
        let mean = 10.75 / 6
        #expect(prior.weight(ofTensor: "token_embd.weight") == mean)
        #expect(prior.weight(ofTensor: "something") == mean)
    }

    @Test("a layer's impact is the root of its tensors' weighted squared relative errors")
    func impacts() throws {
        func estimate(_ name: String, signal: Double, error: Double) -> TensorEstimate {
            TensorEstimate(
                tensor: name,
                rowCount: 4,
                measuredRows: 4,
                plain: OutputErrors(
                    signal: EstimatedSum(value: signal, standardError: 0),
                    errors: [EstimatedSum(value: error, standardError: error / 10)]
                )
            )
        }
        let names = ["blk.0.attn_q.weight", "blk.0.attn_v.weight", "blk.1.attn_k.weight"]
        let model = try LayerGrouping(name: "test", keeps: [], rules: [.init("blk.*.*.weight", layer: "{1}")])
            .grouped(names.map { try TensorInfo(name: $0, shape: [4, 32]) })
        let impacts = try EstimatedImpacts(
            [
                names[0]: estimate(names[0], signal: 100, error: 4),
                names[1]: estimate(names[1], signal: 16, error: 1),
                names[2]: estimate(names[2], signal: 0, error: 0),
            ],
            formats: ["Q4_0"],
            model: model,
            scale: .prior(prior)
        )
        let cell = try #require(impacts.cells[0][0])
        // 0.25 · 4/100 + 4 · 1/16
        #expect(abs(cell.impact.value - 0.26.squareRoot()) < 1e-15)
        let error = (0.001 * 0.001 + 0.025 * 0.025).squareRoot()
        #expect(abs(cell.impact.standardError - error / (2 * 0.26.squareRoot())) < 1e-15)
        #expect(impacts.cells[1][0]?.impact.value == 0)
        #expect(impacts.meaning.kind == .amplitude)
        #expect(impacts.meaning.method == "weights, and what errors cost by role in a test")
    }

    @Test("a table made with the built-in prior is known again by what it says of itself")
    func knownAgain() throws {
        let meaning = EstimatedImpacts.meaning(.prior(.twoNetworks), .unweighted, nil)
        let rule = try #require(
            EstimatedImpacts.rule(unit: meaning.unit, method: meaning.method, profile: nil)
        )
        guard case .prior(.twoNetworks) = rule.scale else {
            Issue.record("\(rule)")
            return
        }
        #expect(rule.norm == .unweighted)
    }
}
