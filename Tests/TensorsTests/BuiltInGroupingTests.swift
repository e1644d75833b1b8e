import Tensors
import Testing

struct BuiltInGroupingTests {
    private func tensor(_ name: String, _ shape: [Int] = [4, 4]) throws -> TensorInfo {
        try TensorInfo(name: name, shape: shape)
    }

    @Test("FLUX.1's whole blocks are numbered through, and what is kept is as by stream")
    func fluxBlocks() throws {
        let tensors = [
            try tensor("double_blocks.0.img_mod.lin.weight"),
            try tensor("double_blocks.0.txt_mod.lin.weight"),
            try tensor("model.diffusion_model.double_blocks.18.txt_mlp.0.weight"),
            try tensor("single_blocks.0.linear1.weight"), try tensor("single_blocks.37.linear2.weight"),
            try tensor("single_blocks.37.linear2.bias", [4]), try tensor("img_in.weight"),
        ]
        let model = try LayerGrouping.fluxBlocks.grouped(tensors)
        #expect(model.layers.map(\.name) == ["0", "18", "19", "56"])
        #expect(model.layers.first?.tensors.count == 2)
        #expect(model.kept == (try LayerGrouping.flux.grouped(tensors)).kept)
    }

    @Test("a language model has a layer per block, and its embedding and output are layers")
    func perBlock() throws {
        let model = try LayerGrouping.perBlock.grouped([
            tensor("token_embd.weight"), tensor("blk.0.attn_q.weight"), tensor("blk.0.attn_norm.weight", [4]),
            tensor("blk.10.ffn_down_exps.weight", [2, 4, 4]), tensor("blk.10.ffn_gate_inp.weight"),
            tensor("blk.10.ssm_conv1d.weight"), tensor("blk.10.shortconv.conv.weight"),
            tensor("output_norm.weight", [4]), tensor("output.weight"), tensor("other"),
        ])
        #expect(model.layers.map(\.name) == ["token_embd", "blk.0", "blk.10", "output"])
        #expect(model.layers.allSatisfy { $0.tensors.count == 1 })
        #expect(
            model.kept.map(\.tensor.name) == [
                "blk.0.attn_norm.weight", "blk.10.ffn_gate_inp.weight", "blk.10.ssm_conv1d.weight",
                "blk.10.shortconv.conv.weight", "output_norm.weight", "other",
            ]
        )
        #expect(model.kept.allSatisfy { $0.format == .f32 })
    }

    @Test("Stable Diffusion 3.5's joint blocks are layers by stream, and its ends are kept")
    func sd3() throws {
        let prefix = "model.diffusion_model."
        let model = try LayerGrouping.sd3.grouped([
            tensor(prefix + "joint_blocks.0.x_block.attn.qkv.weight"),
            tensor(prefix + "joint_blocks.0.x_block.attn2.proj.weight"),
            tensor(prefix + "joint_blocks.0.context_block.attn.qkv.weight"),
            tensor("joint_blocks.37.context_block.adaLN_modulation.1.weight"),
            tensor("joint_blocks.37.x_block.attn.ln_q.weight", [4]),
            tensor("x_embedder.proj.weight", [4, 2, 2, 2]), tensor("t_embedder.mlp.0.weight"),
            tensor("y_embedder.mlp.0.weight"), tensor("pos_embed", [1, 4, 4]),
            tensor("context_embedder.weight"),
            tensor("final_layer.linear.weight"), tensor("final_layer.linear.bias", [4]),
        ])
        #expect(model.layers.map(\.name) == ["joint00.x", "joint00.context", "joint37.context"])
        #expect(model.layers.first?.tensors.count == 2)
        #expect(model.kept.count == 8)
        for kept in model.kept {
            #expect(kept.format == (kept.tensor.dimensionCount == 1 ? .f32 : .bf16))
        }
    }

    @Test("every built-in grouping is found by its name, also with hyphens")
    func names() {
        for grouping in LayerGrouping.builtIns {
            #expect(LayerGrouping.builtIn(named: grouping.name) == grouping)
        }
        #expect(LayerGrouping.builtIn(named: "flux-blocks") == .fluxBlocks)
        #expect(LayerGrouping.builtIn(named: "flux-stream") == nil)
        #expect(Set(LayerGrouping.builtIns.map(\.name)).count == LayerGrouping.builtIns.count)
    }

    @Test(
        "a file type of llama.cpp stands for the format that it is named after",
        arguments: [
            ("Q3_K_S", QuantizationFormat?.some(.q3_K)), ("q4_k_s", .q4_K), ("Q5_K_S", .q5_K),
            ("Q4_K_M", .q4_K), ("Q3_K_L", .q3_K), ("q2_k_s", .q2_K), ("Q4_0", nil), ("IQ3_M", nil), ("", nil),
        ]
    )
    func fileTypes(name: String, format: QuantizationFormat?) {
        #expect(QuantizationFormat(fileType: name) == format)
    }

    @Test("a model of the FLUX family with fewer double blocks has its single blocks numbered after them")
    func adapted() throws {
        let tensors =
            try (0..<2).map { try TensorInfo(name: "double_blocks.\($0).img_mlp.0.weight", shape: [4, 4]) }
            + (0..<3).map { try TensorInfo(name: "single_blocks.\($0).linear1.weight", shape: [4, 4]) }
        let names = { (grouping: LayerGrouping) in
            try grouping.adapted(to: tensors).grouped(tensors).layers.map(\.name)
        }
        #expect(try names(.flux) == ["layer00.img", "layer01.img", "layer02.x", "layer03.x", "layer04.x"])
        #expect(try names(.fluxBlocks) == ["0", "1", "2", "3", "4"])
        #expect(LayerGrouping.perTensor.adapted(to: tensors) == .perTensor)
        // Only a part of a model, or all of FLUX.1-dev's, changes nothing.
        #expect(LayerGrouping.flux.adapted(to: Array(tensors.dropFirst(2))) == .flux)
        let last = try TensorInfo(
            name: "model.diffusion_model.double_blocks.18.img_mlp.0.weight",
            shape: [4, 4]
        )
        #expect(LayerGrouping.flux.adapted(to: [last]) == .flux)
        let absurd = try TensorInfo(
            name: "double_blocks.9223372036854775807.img_mlp.0.weight",
            shape: [4, 4]
        )
        #expect(try LayerGrouping.flux.adapted(to: [absurd]).grouped([absurd]).layers.count == 1)
    }
}
