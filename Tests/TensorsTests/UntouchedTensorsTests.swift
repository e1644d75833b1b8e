import Tensors
import Testing

struct UntouchedTensorsTests {
    @Test(
        "what llama.cpp never quantizes is known by name and shape",
        arguments: [
            ("blk.0.ssm_a", [512, 16]), ("blk.0.ssm_d", [8, 1]), ("blk.0.ssm_conv1d.weight", [512, 4]),
            ("altup_proj.weight", [3, 256, 256]), ("blk.0.laurel_l.weight", [64, 256]),
            ("per_layer_model_proj.weight", [512, 256]), ("blk.0.attn_q_norm.weight", [4, 64]),
            ("blk.0.indexer.k_proj.weight", [128, 256]), ("blk.0.ffn_gate_inp.weight", [8, 256]),
            ("blk.0.time_mix_w1.weight", [64, 256]), ("v.patch_embd.weight", [64, 3, 14, 14]),
            ("v.position_embd.weight", [256, 64]), ("position_embd.weight", [512, 64]), ("blk.0.x", [1, 64]),
            ("a.rvq.codebook.weight", [64, 64]), ("blk.0.attn_q.bias", [64]),
        ]
    )
    func llama(name: String, shape: [Int]) throws {
        let tensor = try TensorInfo(name: name, shape: shape, elementType: .bf16)
        #expect(UntouchedTensors.llamaCpp.contains(tensor))
        let block = try TensorInfo(name: "blk.0.attn_v.weight", shape: [64, 64], elementType: .f16)
        #expect(!UntouchedTensors.llamaCpp.contains(block))
        for grouping in [LayerGrouping.perTensor, .perBlock] {
            let model = try grouping.grouped([block, tensor])
            #expect(model.kept.map(\.tensor) == [tensor] && model.layers.count == 1)
            // Kept as it is, but for what llama.cpp's converter of models writes in F32 where the source says nothing.
            #expect(model.kept.map(\.format) == [.bf16])
        }
    }

    @Test("the same names mean nothing in a model that is no GGUF of a language model")
    func others() throws {
        let tensors = try ["time_mix_w1.weight", "encoder.layer_norm.weight"].map {
            try TensorInfo(name: $0, shape: [64, 64])
        }
        #expect(try LayerGrouping.perTensor.grouped(tensors).kept.isEmpty)
    }

    @Test("patterns keep layers and tensors, the first that names one counts, and unused ones are told")
    func patterns() throws {
        let tensors = try ["blk.0.a.weight", "blk.0.b.weight", "blk.1.a.weight", "out.weight"].map {
            try TensorInfo(name: $0, shape: [64, 64], elementType: .bf16)
        }
        let grouped = try LayerGrouping.perBlock.grouped(tensors)
        let (model, keptBy, unused) = try grouped.keeping(
            [(try Glob("blk.0"), nil), (try Glob("*.a.weight"), .q8_0), (try Glob("none"), nil)],
            sourceFormat: .bf16
        )
        #expect(model.layers.map(\.name) == ["out"])
        #expect(model.kept.map(\.format) == [.bf16, .bf16, .q8_0])
        #expect(model.keptLayers == ["blk.0", "blk.1"] && unused.map(\.index) == [2])
        #expect(keptBy == ["blk.0.a.weight": 0, "blk.0.b.weight": 0, "blk.1.a.weight": 1])
        let spared = try grouped.keeping([(try Glob("*"), nil)], except: ["blk.1"], sourceFormat: .bf16)
        #expect(spared.model.layers.map(\.name) == ["blk.1"])
    }

    @Test("a pattern that keeps nothing is told with the cause")
    func unusedPatterns() throws {
        let tensors = try ["blk.0.a.weight", "blk.1.a.weight"].map {
            try TensorInfo(name: $0, shape: [64, 64], elementType: .bf16)
        }
        let grouped = try LayerGrouping.perTensor.grouped(tensors)
        func causes(
            _ patterns: [(String, QuantizationFormat?)],
            except: Set<String> = []
        ) throws -> [LayeredModel.UnusedPattern] {
            let globs = try patterns.map { (try Glob($0.0), $0.1) }
            return try grouped.keeping(globs, except: except, sourceFormat: .bf16).unused.map(\.cause)
        }
        #expect(try causes([("none", nil)]) == [.matchesNothing])
        #expect(try causes([("blk.*", .q8_0), ("blk.0.*", .q4_0)]) == [.keptOtherwise(byPattern: 0)])
        #expect(try causes([("blk.0.*", .q4_0), ("blk.*", .q8_0)]).isEmpty)
        #expect(try causes([("blk.*", .q8_0), ("blk.0.*", .q8_0)]).isEmpty)
        let names = Set(tensors.map(\.name))
        #expect(try causes([("blk.*", nil)], except: names) == [.plannedAllTheSame])
    }
}
