extension TensorRole {
    /// How the names of a role's tensors end, without `.weight`; an asterisk stands for a number.
    ///
    /// Sources: `LLM_TENSOR_NAMES` in llama.cpp's `src/llama-arch.cpp`; the modules of transformers' and diffusers' models, by
    /// family; the state dictionaries of FLUX.1 and SD3 as they are published. `w1`, `w3` and `w2` are gate, up and down of
    /// Llama as it was first published, and of Mixtral; `ffn_gate.*` is an expert in older GGUF files.
    private var namesText: String {
        switch self {
        case .attentionQuery:
            """
            attn_q q_proj self.query attention.query q_lin attention.wq selfattention.q encdecattention.q cross_attn_q to_q \
            add_q_proj
            """
        case .attentionKey:
            """
            attn_k k_proj self.key attention.key k_lin attention.wk selfattention.k encdecattention.k cross_attn_k to_k \
            add_k_proj
            """
        case .attentionValue:
            """
            attn_v v_proj self.value attention.value v_lin attention.wv selfattention.v encdecattention.v cross_attn_v to_v \
            add_v_proj
            """
        case .attentionQueryKeyValue:
            "attn_qkv qkv_proj query_key_value attn.c_attn wqkv to_qkv img_attn.qkv txt_attn.qkv attn.qkv"
        case .attentionLatent:
            """
            attn_q_a attn_q_b attn_kv_a_mqa attn_kv_b attn_k_b attn_v_b q_a_proj q_b_proj kv_a_proj_with_mqa kv_b_proj
            """
        case .attentionGate: "attn_gate"
        case .attentionOutput:
            """
            attn_output attn_o attn_out cross_attn_o o_proj out_proj attn.c_proj self_attention.dense self_attn.dense attention.dense \
            attention.output.dense out_lin attn.wo attention.wo selfattention.o encdecattention.o to_out.* to_out \
            to_add_out img_attn.proj txt_attn.proj attn.proj
            """
        case .feedForwardGate: "ffn_gate gate_proj w1 densereludense.wi_0"
        case .feedForwardUp:
            """
            ffn_up up_proj w3 linear_fc1 fc1 fc_in mlp.c_fc dense_h_to_4h intermediate.dense ffn.lin1 \
            densereludense.wi_1 densereludense.wi net.*.proj proj_mlp img_mlp.0 txt_mlp.0
            """
        case .feedForwardGateUp: "ffn_gate_up gate_up_proj mlp.wi"
        case .feedForwardDown:
            """
            ffn_down down_proj w2 linear_fc2 fc2 fc_out mlp.c_proj dense_4h_to_h output.dense ffn.lin2 mlp.wo \
            densereludense.wo ff.net.* ff_context.net.* img_mlp.2 txt_mlp.2
            """
        case .expertGate: "ffn_gate_exps ffn_gate.*"
        case .expertUp: "ffn_up_exps ffn_up.*"
        case .expertGateUp: "ffn_gate_up_exps"
        case .expertDown: "ffn_down_exps ffn_down.*"
        case .sharedExpertGate: "ffn_gate_shexp"
        case .sharedExpertUp: "ffn_up_shexp"
        case .sharedExpertDown: "ffn_down_shexp"
        case .router:
            """
            ffn_gate_inp ffn_gate_inp_shexp block_sparse_moe.gate mlp.gate moe.gate mlp.router shared_expert_gate
            """
        case .stateInput:
            """
            ssm_in mixer.in_proj mamba.in_proj shortconv.in_proj conv.in_proj linear_attn.in_proj_qkv \
            linear_attn.in_proj_qkvz
            """
        case .stateParameters:
            """
            ssm_x ssm_dt ssm_alpha ssm_beta ssm_ba x_proj dt_proj linear_attn.in_proj_ba linear_attn.in_proj_a \
            linear_attn.in_proj_b
            """
        case .stateOutput:
            "ssm_out mixer.out_proj mamba.out_proj shortconv.out_proj conv.out_proj linear_attn.out_proj"
        case .modulation:
            """
            img_mod.lin txt_mod.lin modulation.lin adaln_modulation.* norm1.linear norm1_context.linear norm.linear
            """
        case .fusedInput: "linear1"
        case .fusedOutput: "linear2 proj_out"
        case .tokenEmbedding:
            """
            token_embd embed_tokens wte tok_embeddings word_embeddings shared embed_in backbone.embeddings token_embedding
            """
        case .output: "output lm_head embed_out output_layer"
        }
    }

    /// How names end, and the role that this says; the first that fits decides.
    static let endings: [(ending: [String], role: TensorRole)] =
        allCases.flatMap { role in
            role.namesText.split(separator: " ").map { name in
                (ending: name.split(separator: ".").map(String.init), role: role)
            }
        }
        // The longer ending knows more: `mixer.out_proj` is not the `out_proj` of attention.
        .sorted { $0.ending.count > $1.ending.count }
}
