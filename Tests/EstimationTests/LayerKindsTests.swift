import Tensors
import Testing

@testable import Estimation

@Suite("Kinds of layers in a whole model")
struct LayerKindsTests {
    private func model(_ names: [String], norm: String? = nil) throws -> LayeredModel {
        var tensors = try names.map { try TensorInfo(name: $0, shape: [64, 64]) }
        if let norm { tensors.append(try TensorInfo(name: norm, shape: [64])) }
        return try LayerGrouping.perTensor.grouped(tensors)
    }

    @Test(
        "the down projection of a language model's last block is of a kind of its own, and no other layer is"
    )
    func lastWayDown() throws {
        for down in ["ffn_down", "ffn_down_exps", "ffn_down_shexp"] {
            let names =
                ["token_embd.weight"]
                + (0..<3).flatMap { ["blk.\($0).ffn_up.weight", "blk.\($0).\(down).weight"] }
            let model = try model(names, norm: "output_norm.weight")
            let kinds = LayerKinds(of: model)
            for layer in model.layers {
                let isLast = layer.name == "blk.2.\(down).weight"
                #expect(kinds.isLastDownProjection(layer) == isLast)
                #expect(kinds.kind(of: layer) == (isLast ? "\(down) of the last block" : layer.kind))
                #expect(kinds.makesOutput(layer) == (layer.name == "token_embd.weight"))
            }
        }
    }

    @Test("a model without an output has no such kind")
    func noLanguageModel() throws {
        let model = try model(["token_embd.weight", "blk.0.ffn_down.weight", "blk.1.ffn_down.weight"])
        let kinds = LayerKinds(of: model)
        #expect(model.layers.allSatisfy { kinds.kind(of: $0) == $0.kind && !kinds.makesOutput($0) })
    }
}
