import Tensors
import Testing

/// Image and video models by the names that are published for them.
struct DiffusionGroupingTests {
    /// Some tensors of a model: name and shape, and the layer that each is in, or nil where it is kept.
    struct Family: CustomTestStringConvertible, Sendable {
        var grouping: LayerGrouping
        var tensors: [(name: String, shape: [Int], layer: String?)]
        var testDescription: String { grouping.name }
    }

    static let families = [
        Family(
            grouping: .wan,
            tensors: [
                ("patch_embedding.weight", [64, 16, 1, 2, 2], nil), ("patch_embedding.bias", [64], nil),
                ("text_embedding.0.weight", [64, 128], nil), ("time_embedding.2.weight", [64, 64], nil),
                ("time_projection.1.weight", [384, 64], nil), ("head.head.weight", [64, 64], nil),
                ("head.modulation", [1, 2, 64], nil), ("img_emb.proj.1.weight", [64, 64], nil),
                ("blocks.0.self_attn.q.weight", [64, 64], "block00.self_attn"),
                ("blocks.0.cross_attn.k_img.weight", [64, 64], "block00.cross_attn"),
                ("blocks.11.ffn.0.weight", [256, 64], "block11.ffn"),
                ("blocks.0.modulation", [1, 6, 64], nil),
                ("blocks.0.self_attn.norm_q.weight", [64], nil),
                ("vace_blocks.0.self_attn.o.weight", [64, 64], "vace00.self_attn"),
                ("vace_blocks.0.before_proj.weight", [64, 64], nil),
                ("vace_patch_embedding.weight", [64, 96, 1, 2, 2], nil),
            ]
        ),
        Family(
            grouping: .qwenImage,
            tensors: [
                ("img_in.weight", [64, 64], nil), ("txt_in.weight", [64, 96], nil),
                ("txt_norm.weight", [96], nil),
                ("time_text_embed.timestep_embedder.linear_1.weight", [64, 256], nil),
                ("norm_out.linear.weight", [128, 64], nil), ("proj_out.weight", [64, 64], nil),
                ("transformer_blocks.0.img_mod.1.weight", [384, 64], "block00.img"),
                ("transformer_blocks.0.txt_mod.1.weight", [384, 64], "block00.txt"),
                ("transformer_blocks.0.img_mlp.net.0.proj.weight", [256, 64], "block00.img"),
                ("transformer_blocks.59.txt_mlp.net.2.weight", [64, 256], "block59.txt"),
                ("transformer_blocks.0.attn.to_q.weight", [64, 64], "block00.img"),
                ("transformer_blocks.0.attn.to_out.0.weight", [64, 64], "block00.img"),
                ("transformer_blocks.0.attn.add_k_proj.weight", [64, 64], "block00.txt"),
                ("transformer_blocks.0.attn.to_add_out.weight", [64, 64], "block00.txt"),
                ("transformer_blocks.0.attn.norm_q.weight", [16], nil),
            ]
        ),
        Family(
            grouping: .zImage,
            tensors: [
                ("all_x_embedder.2-1.weight", [64, 64], nil), ("cap_embedder.1.weight", [64, 96], nil),
                ("cap_pad_token", [1, 64], nil), ("t_embedder.mlp.0.weight", [64, 256], nil),
                ("all_final_layer.2-1.linear.weight", [64, 64], nil),
                ("noise_refiner.0.attention.to_q.weight", [64, 64], nil),
                ("context_refiner.1.feed_forward.w1.weight", [64, 64], nil),
                ("layers.0.attention.to_q.weight", [64, 64], "layer00.attention"),
                ("layers.29.feed_forward.w2.weight", [64, 256], "layer29.feed_forward"),
                ("layers.0.adaLN_modulation.0.weight", [256, 64], "layer00.adaLN_modulation"),
                ("layers.0.attention_norm1.weight", [64], nil),
            ]
        ),
        Family(
            grouping: .sdxl,
            tensors: [
                ("time_embed.0.weight", [128, 64], nil), ("label_emb.0.0.weight", [128, 96], nil),
                ("input_blocks.0.0.weight", [64, 4, 3, 3], nil),
                ("input_blocks.1.0.emb_layers.1.weight", [64, 128], nil),
                ("input_blocks.4.1.proj_in.weight", [64, 64], "input04.proj"),
                (
                    "input_blocks.4.1.transformer_blocks.1.attn1.to_q.weight", [64, 64],
                    "input04.transformer01"
                ),
                ("middle_block.1.transformer_blocks.9.ff.net.2.weight", [64, 256], "middle.transformer09"),
                ("output_blocks.0.1.proj_out.weight", [64, 64], "output00.proj"),
                ("out.2.weight", [4, 64, 3, 3], nil),
            ]
        ),
        Family(
            grouping: .sd3,
            tensors: [
                ("pos_embed", [1, 16, 64], nil), ("x_embedder.proj.weight", [64, 16, 2, 2], nil),
                ("joint_blocks.0.x_block.attn2.qkv.weight", [192, 64], "joint00.x"),
                ("joint_blocks.0.context_block.attn.qkv.weight", [192, 64], "joint00.context"),
                ("joint_blocks.0.x_block.attn.ln_q.weight", [64], nil),
            ]
        ),
        Family(
            grouping: .flux,
            tensors: [
                ("distilled_guidance_layer.in_proj.weight", [64, 64], nil),
                ("distilled_guidance_layer.layers.4.in_layer.weight", [64, 64], nil),
                ("double_stream_modulation_img.lin.weight", [384, 64], nil),
                ("single_stream_modulation.lin.weight", [192, 64], nil),
                ("double_blocks.7.img_attn.qkv.weight", [192, 64], "layer07.img"),
                ("single_blocks.47.linear1.weight", [192, 64], "layer55.x"),
            ]
        ),
        Family(
            grouping: .hiDream,
            tensors: [
                ("x_embedder.proj.weight", [64, 64], nil),
                ("caption_projection.0.linear.weight", [64, 64], nil),
                ("t_embedder.timestep_embedder.linear_1.weight", [64, 256], nil),
                ("p_embedder.pooled_embedder.linear_1.weight", [64, 64], nil),
                ("double_stream_blocks.0.block.attn1.to_q.weight", [64, 64], "double00.img"),
                ("double_stream_blocks.0.block.attn1.to_q_t.weight", [64, 64], "double00.txt"),
                ("double_stream_blocks.0.block.ff_i.gate.weight", [4, 64], nil),
                ("double_stream_blocks.0.block.ff_i.experts.3.w1.weight", [64, 64], "double00.img"),
                ("double_stream_blocks.0.block.ff_t.w2.weight", [64, 64], "double00.txt"),
                ("single_stream_blocks.31.block.adaLN_modulation.1.weight", [64, 64], "single31.x"),
                ("final_layer.linear.weight", [64, 64], nil),
            ]
        ),
        Family(
            grouping: .ltx,
            tensors: [
                ("scale_shift_table", [2, 64], nil), ("patchify_proj.weight", [64, 128], nil),
                ("adaln_single.emb.timestep_embedder.linear_1.weight", [64, 256], nil),
                ("caption_projection.linear_1.weight", [64, 96], nil), ("proj_out.weight", [128, 64], nil),
                ("transformer_blocks.0.scale_shift_table", [6, 64], nil),
                ("transformer_blocks.0.attn1.to_q.weight", [64, 64], "block00.attn1"),
                ("transformer_blocks.0.attn2.to_out.0.weight", [64, 64], "block00.attn2"),
                ("transformer_blocks.27.ff.net.0.proj.weight", [256, 64], "block27.ff"),
            ]
        ),
    ]

    @Test(
        "a model by its published names has its layers and what its converters keep, with and without a prefix",
        arguments: families,
        ["", "model.diffusion_model."]
    )
    func layers(family: Family, prefix: String) throws {
        let tensors = try family.tensors.map {
            try TensorInfo(name: prefix + $0.name, shape: $0.shape, elementType: .bf16)
        }
        let model = try family.grouping.adapted(to: tensors).grouped(tensors)
        var layers: [String: String] = [:]
        for layer in model.layers {
            for tensor in layer.tensors { layers[tensor.name] = layer.name }
        }
        for tensor in family.tensors {
            #expect(layers[prefix + tensor.name] == tensor.layer, "\(tensor.name)")
        }
        let known = LayerGrouping.diffusionModels.filter {
            (try? $0.adapted(to: tensors).grouped(tensors).layers.isEmpty) == false
        }
        #expect(known == [family.grouping])
        #expect(!family.grouping.purpose.isEmpty)
    }
}
