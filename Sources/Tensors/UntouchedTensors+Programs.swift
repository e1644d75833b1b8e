extension UntouchedTensors {
    /// What `llama-quantize` and its relatives never quantize.
    ///
    /// Source: `tensor_allows_quantization` in llama.cpp's `src/llama-quant.cpp`. One architecture, `glm5-next`, has more.
    public static let llamaCpp = UntouchedTensors(
        names: ["position_embd.weight", "token_types.weight"],
        parts: [
            "_norm.weight", "ffn_gate_inp.weight", "ffn_gate_tid2eid.weight", "altup", "laurel",
            "per_layer_model_proj", "ssm_conv1d", "shortconv.conv.weight", "indexer.k_proj.weight",
            "indexer.q_proj.weight", "attn_rel_b.weight", ".position_embd", "sam.pos_embd", "sam.neck.",
            "sam.net_", ".rel_pos", ".patch_embd", ".patch_merger", "a.rvq.codebook", "mm.a.code_embd",
        ]
            + [
                "first", "w0", "w1", "w2", "v0", "v1", "v2", "a0", "a1", "a2", "g1", "g2", "decay_w1",
                "decay_w2", "lerp_fused",
            ].map { "time_mix_\($0).weight" },
        requiredEnding: "weight",
        dimensions: 2...Int.max,
        countsOuterOnes: false
    )

    /// What stable-diffusion.cpp never converts, types that are no weights aside.
    ///
    /// Source: `tensor_should_be_converted` in stable-diffusion.cpp's `src/model_loader.cpp`.
    public static let stableDiffusionCpp = UntouchedTensors(
        parts: [
            "img_in.", "txt_in.", "time_in.", "vector_in.", "guidance_in.", "final_layer.", "x_embedder.",
            "t_embedder.", "y_embedder.", "pos_embed", "context_embedder.", "time_embed.", "label_emb.",
            "embedding",
        ],
        endings: [".bias", ".scale", ".weight_scale"]
    )

    /// All but the two-dimensional weights of modules, which are what ComfyUI and MLX quantize.
    public static let otherThanLinear = UntouchedTensors(requiredEnding: ".weight", dimensions: 2...2)

    /// What convert_to_quant never casts: all but the weights of linear modules, and those below 16 x 16.
    ///
    /// Source: `config/layer_config.py` in convert_to_quant.
    public static let convertToQuant = UntouchedTensors(
        requiredEnding: ".weight",
        dimensions: 2...2,
        smallestDimension: 16
    )
}
