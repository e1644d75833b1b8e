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

    @Test(
        "fused tensors have the sum of their parts, experts what their part has, all others the mean or what is said"
    )
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
        let said = RolePrior(weights: prior.weights, otherWeight: 7, source: "a test")
        #expect(said.weight(ofTensor: "token_embd.weight") == 7)
        #expect(said.weight(ofTensor: "blk.3.attn_v.weight") == 4)
        let last = RolePrior(weights: prior.weights, lastDownWeight: 9, source: "a test")
        #expect(last.weight(ofTensor: "blk.3.ffn_down.weight", isLastDownProjection: true) == 9)
        #expect(last.weight(ofTensor: "blk.3.ffn_down.weight") == 3)
        #expect(prior.weight(ofTensor: "blk.3.ffn_down.weight", isLastDownProjection: true) == 3)
    }

    private static func model(_ names: [String]) throws -> LayeredModel {
        try LayerGrouping.perTensor.grouped(
            names.map { try TensorInfo(name: $0, shape: $0.contains("norm") ? [32] : [4, 32]) }
        )
    }

    @Test(
        "a model that reads tokens counts by role where nothing is said, all others do not",
        arguments: [
            (["token_embd.weight", "blk.0.attn_q.weight", "output_norm.weight"], true),
            (["model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight"], true),
            (["embeddings.word_embeddings.weight", "encoder.layer.0.attention.self.query.weight"], true),
            (["blk.0.attn_q.weight", "blk.0.ffn_up.weight"], false),
            (["double_blocks.0.img_attn.qkv.weight", "double_blocks.0.img_attn.proj.weight"], false),
            (["token_embd.weight", "double_blocks.0.img_mod.lin.weight"], false),
        ] as [([String], Bool)]
    )
    func usual(names: [String], byRole: Bool) throws {
        switch EstimatedImpacts.Scale.usual(of: try Self.model(names)) {
        case .prior(let prior): #expect(byRole && prior == .builtIn)
        case .relative: #expect(!byRole)
        default: Issue.record("neither relative errors nor a prior")
        }
    }

    @Test(
        "by the built-in prior the output counts as much as up does, times twice the blocks, and the last down projection more than others"
    )
    func output() throws {
        let names = [
            "token_embd.weight", "blk.0.ffn_up.weight", "blk.0.ffn_down.weight", "blk.1.attn_q.weight",
            "blk.1.ffn_down.weight", "output_norm.weight",
        ]
        var estimates: [String: TensorEstimate] = [:]
        for name in names {
            estimates[name] = TensorEstimate(
                tensor: name,
                rowCount: 4,
                measuredRows: 4,
                plain: OutputErrors(
                    signal: EstimatedSum(value: 100, standardError: 0),
                    errors: [EstimatedSum(value: 4, standardError: 0)]
                )
            )
        }
        let impacts = try EstimatedImpacts(
            estimates,
            formats: ["Q4_0"],
            model: try Self.model(names),
            scale: .prior(.builtIn)
        )
        func impact(_ layer: String) throws -> Double {
            let place = try #require(impacts.layers.firstIndex(of: layer))
            return try #require(impacts.cells[place][0]).impact.value
        }
        let up = try impact("blk.0.ffn_up.weight")
        #expect(abs(up - 0.2) < 1e-15)
        #expect(abs(try impact("token_embd.weight") / up - 2) < 1e-12)
        let query = try #require(RolePrior.builtIn.weight(of: .attentionQuery))
        #expect(abs(try impact("blk.1.attn_q.weight") / up - query.squareRoot()) < 1e-12)
        let down = try #require(RolePrior.builtIn.weight(of: .feedForwardDown))
        #expect(abs(try impact("blk.0.ffn_down.weight") / up - down.squareRoot()) < 1e-12)
        #expect(try impact("blk.1.ffn_down.weight") > up)
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
        #expect(impacts.meaning.method == "weights only, uncalibrated; errors by role as in a test")
    }

    @Test(
        "a table made with a built-in prior, today's or an earlier one, is known again by what it says of itself",
        arguments: RolePrior.known
    )
    func knownAgain(prior: RolePrior) throws {
        let meaning = EstimatedImpacts.meaning(.prior(prior), .unweighted, nil)
        let rule = try #require(
            EstimatedImpacts.rule(unit: meaning.unit, method: meaning.method, profile: nil)
        )
        guard case .prior(prior) = rule.scale else {
            Issue.record("\(rule)")
            return
        }
        #expect(rule.norm == .unweighted)
    }

    @Test("a table of the first prior keeps its weights, those of its own two networks")
    func earlier() throws {
        let rule = try #require(
            EstimatedImpacts.rule(
                unit: "relative error by role",
                method: "weights, and what errors cost by role in all-MiniLM-L6-v2 and SmolLM2-135M",
                profile: nil
            )
        )
        guard case .prior(let prior) = rule.scale else {
            Issue.record("\(rule)")
            return
        }
        #expect(prior.weight(of: .attentionQuery) == (0.05 * 0.18).squareRoot())
        #expect(prior.weight(ofTensor: "token_embd.weight") < 1)
    }
}
