extension LayerGrouping {
    /// What image and video models are kept by, besides what has one dimension, which is kept in F32.
    ///
    /// Sources of the names: the state dictionaries as they are published, and as ComfyUI repackages them. Sources of what is kept:
    /// the lists by architecture in ComfyUI-GGUF's `tools/lcpp.patch`, and the precision lists of its `tools/convert.py`.
    ///
    /// - Parameters:
    ///   - name: The grouping's name.
    ///   - purpose: What its layers are, in a few words.
    ///   - kept: The names of what is kept in the type that it has in the source.
    ///   - rules: The patterns of the layers and their names, for weights of two dimensions.
    /// - Returns: The grouping.
    private static func diffusion(
        _ name: String,
        _ purpose: String,
        kept: [String],
        rules: KeyValuePairs<String, String>
    ) -> LayerGrouping {
        builtIn { () throws(TensorError) -> LayerGrouping in
            var keeps = [try Keep("*", in: .f32, dimensions: 1...1)]
            for pattern in kept { keeps.append(try Keep(pattern, in: nil)) }
            // Convolutions, and tables of positions and shifts.
            keeps.append(try Keep("*", in: nil, dimensions: 3...Int.max))
            var layers: [Rule] = []
            for (pattern, layer) in rules {
                layers.append(try Rule(pattern, layer: layer, dimensions: 2...2))
            }
            return LayerGrouping(
                name: name,
                purpose: purpose,
                ignoredPrefixes: ["model.diffusion_model.", "diffusion_model."],
                keeps: keeps,
                rules: layers
            )
        }
    }

    /// Wan 2.1 and 2.2: layers `block00.self_attn`, `block00.cross_attn` and `block00.ffn` and so on, with those of VACE as
    /// `vace00.…`.
    public static let wan = diffusion(
        "wan",
        "self-attention, cross-attention and feed-forward network of each block of Wan",
        kept: [
            "*modulation", "patch_embedding*", "*_embedding.*", "time_projection.*", "img_emb.*", "head.*",
            "*before_proj.*", "*after_proj.*", "ref_conv.*", "control_adapter.*",
        ],
        rules: [
            "blocks.*.*.*": "block{1:02}.{2}",
            "vace_blocks.*.*.*": "vace{1:02}.{2}",
        ]
    )

    /// Qwen-Image: the two streams of each block, `block00.img` and `block00.txt` and so on.
    public static let qwenImage = diffusion(
        "qwen image",
        "image and text stream of each block of Qwen-Image",
        kept: [
            "img_in.*", "txt_in.*", "time_text_embed.*", "norm_out.*", "proj_out.*", "addition_t_embedding.*",
        ],
        rules: [
            "transformer_blocks.*.img_*": "block{1:02}.img",
            "transformer_blocks.*.txt_*": "block{1:02}.txt",
            "transformer_blocks.*.attn.{to_q,to_k,to_v}.*": "block{1:02}.img",
            "transformer_blocks.*.attn.to_out.*": "block{1:02}.img",
            "transformer_blocks.*.attn.add_*": "block{1:02}.txt",
            "transformer_blocks.*.attn.to_add_out.*": "block{1:02}.txt",
        ]
    )

    /// Z-Image, and Lumina 2, whose blocks are named alike: layers `layer00.attention`, `layer00.feed_forward` and
    /// `layer00.adaLN_modulation` and so on; the refiners are kept.
    public static let zImage = diffusion(
        "z image",
        "attention, feed-forward network and modulation of each layer of Z-Image or Lumina 2",
        kept: [
            "*x_embedder.*", "t_embedder.*", "cap_embedder.*", "*final_layer.*", "context_refiner.*",
            "noise_refiner.*", "*pad_token", "siglip_*", "clip_text_pooled_proj.*", "time_text_embed.*",
        ],
        rules: ["layers.*.*.*": "layer{1:02}.{2}"]
    )

    /// SDXL, and Stable Diffusion 1 and 2: the transformer blocks of each part of the U-Net, `input04.transformer00` and so on, and
    /// what leads into them, `input04.proj`.
    public static let sdxl = diffusion(
        "sdxl",
        "transformer blocks of the U-Net of SDXL or Stable Diffusion 1 and 2",
        kept: ["time_embed.*", "label_emb.*", "out.*", "*emb_layers.*", "*skip_connection.*"],
        rules: [
            "input_blocks.*.*.transformer_blocks.*.*": "input{1:02}.transformer{3:02}",
            "middle_block.*.transformer_blocks.*.*": "middle.transformer{2:02}",
            "output_blocks.*.*.transformer_blocks.*.*": "output{1:02}.transformer{3:02}",
            "input_blocks.*.*.proj_*": "input{1:02}.proj",
            "middle_block.*.proj_*": "middle.proj",
            "output_blocks.*.*.proj_*": "output{1:02}.proj",
        ]
    )

    /// HiDream-I1: the two streams of each double block, `double00.img` and `double00.txt`, and the single blocks, `single00.x`.
    public static let hiDream = diffusion(
        "hidream",
        "image and text stream of each double block, and the single blocks, of HiDream",
        kept: [
            "*.ff_i.gate.weight", "x_embedder.*", "t_embedder.*", "p_embedder.*", "caption_projection.*",
            "final_layer.*", "img_emb.*",
        ],
        rules: [
            "double_stream_blocks.*.block.attn1.to_{q,k,v,out}_t.*": "double{1:02}.txt",
            "double_stream_blocks.*.block.ff_t.*": "double{1:02}.txt",
            "double_stream_blocks.*.block.*": "double{1:02}.img",
            "single_stream_blocks.*.block.*": "single{1:02}.x",
        ]
    )

    /// LTX-Video: the two attentions and the feed-forward network of each block, `block00.attn1` and so on.
    public static let ltx = diffusion(
        "ltx",
        "self-attention, cross-attention and feed-forward network of each block of LTX-Video",
        kept: [
            "*scale_shift_table*", "*adaln_single.*", "*caption_projection.*", "*patchify_proj.*",
            "*proj_out.*",
        ],
        rules: ["transformer_blocks.*.*.*": "block{1:02}.{2}"]
    )

    /// The groupings of image and video models, by which such a model is recognised: it is one whose tensors a grouping covers.
    public static let diffusionModels: [LayerGrouping] = [
        flux, sd3, wan, qwenImage, zImage, sdxl, hiDream, ltx,
    ]
}
