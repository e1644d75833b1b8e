import Tensors
import Testing

@Suite("Roles of tensors")
struct TensorRoleTests {
    @Test(
        "a role is read from the names of GGUF files and of the libraries that train models",
        arguments: [
            ("blk.3.attn_q.weight", TensorRole.attentionQuery), ("blk.3.attn_k.weight", .attentionKey),
            ("blk.11.attn_v.weight", .attentionValue), ("blk.11.attn_output.weight", .attentionOutput),
            ("blk.0.attn_qkv.weight", .attentionQueryKeyValue), ("blk.0.ffn_gate.weight", .feedForwardGate),
            ("blk.0.ffn_up.weight", .feedForwardUp), ("blk.0.ffn_down.weight", .feedForwardDown),
            ("blk.0.ffn_down_exps.weight", .expertDown), ("blk.0.ffn_gate.7.weight", .expertGate),
            ("blk.0.ffn_up_shexp.weight", .sharedExpertUp), ("blk.0.ffn_gate_inp.weight", .router),
            ("blk.0.attn_kv_a_mqa.weight", .attentionLatent), ("token_embd.weight", .tokenEmbedding),
            ("output.weight", .output), ("blk.4.ssm_in.weight", .stateInput),
            ("model.layers.3.self_attn.q_proj.weight", .attentionQuery),
            ("model.layers.3.self_attn.o_proj.weight", .attentionOutput),
            ("model.layers.3.mlp.gate_proj.weight", .feedForwardGate),
            ("model.layers.3.mlp.down_proj", .feedForwardDown),
            ("model.layers.3.mlp.experts.12.up_proj.weight", .expertUp),
            ("model.layers.3.mlp.experts.down_proj", .expertDown),
            ("model.layers.3.block_sparse_moe.experts.0.w2.weight", .expertDown),
            ("model.layers.3.block_sparse_moe.gate.weight", .router),
            ("model.layers.3.mlp.shared_expert.gate_proj.weight", .sharedExpertGate),
            ("model.layers.3.mlp.shared_expert_gate.weight", .router),
            ("model.embed_tokens.weight", .tokenEmbedding), ("lm_head.weight", .output),
            ("encoder.layer.5.attention.self.value.weight", .attentionValue),
            ("encoder.layer.5.attention.output.dense.weight", .attentionOutput),
            ("encoder.layer.5.intermediate.dense.weight", .feedForwardUp),
            ("encoder.layer.5.output.dense.weight", .feedForwardDown),
            ("transformer.h.0.attn.c_attn.weight", .attentionQueryKeyValue),
            ("transformer.h.0.mlp.c_proj.weight", .feedForwardDown),
            ("encoder.block.1.layer.0.SelfAttention.k.weight", .attentionKey),
            ("encoder.block.1.layer.1.DenseReluDense.wi_0.weight", .feedForwardGate),
            ("double_blocks.4.img_attn.qkv.weight", .attentionQueryKeyValue),
            ("double_blocks.4.txt_mlp.2.weight", .feedForwardDown),
            ("double_blocks.4.img_mod.lin.weight", .modulation),
            ("single_blocks.30.linear1.weight", .fusedInput),
            ("single_blocks.30.modulation.lin.weight", .modulation),
            ("transformer_blocks.2.attn.to_out.0.weight", .attentionOutput),
            ("transformer_blocks.2.ff.net.0.proj.weight", .feedForwardUp),
            ("transformer_blocks.2.ff_context.net.2.weight", .feedForwardDown),
            ("backbone.layers.2.mixer.out_proj.weight", .stateOutput),
        ]
    )
    func known(name: String, role: TensorRole) {
        #expect(TensorRole(tensorName: name) == role)
    }

    @Test(
        "a name that says no role has none",
        arguments: [
            "blk.0.attn_norm.weight", "blk.0.attn_q.bias", "img_in.weight", "weight", ".", "",
            "model.layers.0.input_layernorm.weight", "blk.x.unheard_of.weight", "experts.3",
            "transformer_blocks.2.ff.net.x.weight",
        ]
    )
    func unknown(name: String) {
        #expect(TensorRole(tensorName: name) == nil)
    }

    @Test("roles are named as llama.cpp names their tensors, each once, and keep the order of the list")
    func names() {
        #expect(TensorRole(rawValue: "attn_v") == .attentionValue)
        #expect(TensorRole.allCases.shuffled().sorted() == TensorRole.allCases)
    }
}
