extension UntouchedTensors {
    /// What `llama-quantize` and its relatives never quantize, which groupings keep in every plan of a GGUF file.
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
}
