/// What a weight does in its block, read from its name.
///
/// Layers of one role answer to errors alike, whatever their depth: a rounded value projection costs several times what a
/// rounded query costs. So what was measured on some layers of a role says something of the others.
///
/// The raw values are llama.cpp's names of the tensors (`blk.3.attn_q.weight`). Networks that make several of them in one
/// product have roles for that (``attentionQueryKeyValue``, ``feedForwardGateUp``), and so have the experts of a mixture, which see
/// a part of the tokens each.
public enum TensorRole: String, CaseIterable, Hashable, Sendable, Comparable {
    /// Makes the queries of attention.
    case attentionQuery = "attn_q"
    /// Makes the keys of attention.
    case attentionKey = "attn_k"
    /// Makes the values of attention.
    case attentionValue = "attn_v"
    /// Makes queries, keys and values at once.
    case attentionQueryKeyValue = "attn_qkv"
    /// Makes queries or a compressed form of them, keys and values, in attention with latent vectors.
    case attentionLatent = "attn_latent"
    /// Gates the output of attention.
    case attentionGate = "attn_gate"
    /// Takes what attention found back into the stream.
    case attentionOutput = "attn_output"
    /// Makes what the activation of a feed-forward block sees, which multiplies ``feedForwardUp``.
    case feedForwardGate = "ffn_gate"
    /// Takes the stream into the wide middle of a feed-forward block.
    case feedForwardUp = "ffn_up"
    /// Makes gate and up at once.
    case feedForwardGateUp = "ffn_gate_up"
    /// Takes the middle of a feed-forward block back into the stream.
    case feedForwardDown = "ffn_down"
    /// The gates of a mixture's experts.
    case expertGate = "ffn_gate_exps"
    /// The way up of a mixture's experts.
    case expertUp = "ffn_up_exps"
    /// Gate and up of a mixture's experts at once.
    case expertGateUp = "ffn_gate_up_exps"
    /// The down projection of a mixture's experts.
    case expertDown = "ffn_down_exps"
    /// The gate of the expert that sees every token.
    case sharedExpertGate = "ffn_gate_shexp"
    /// The way up of the expert that sees every token.
    case sharedExpertUp = "ffn_up_shexp"
    /// The down projection of the expert that sees every token.
    case sharedExpertDown = "ffn_down_shexp"
    /// Chooses the experts of a token.
    case router = "ffn_gate_inp"
    /// Takes the stream into a state space, or a recurrent block.
    case stateInput = "ssm_in"
    /// Makes the steps and the coefficients of a state space.
    case stateParameters = "ssm_x"
    /// Takes the state space back into the stream.
    case stateOutput = "ssm_out"
    /// Makes shift, scale and gate of a stream from the conditioning of a diffusion transformer.
    case modulation = "modulation"
    /// Attention's inputs and the way up of the feed-forward block at once, as in the single blocks of FLUX.
    case fusedInput = "fused_in"
    /// Attention's output and the down projection of the feed-forward block at once, as in the single blocks of FLUX.
    case fusedOutput = "fused_out"
    /// Makes vectors of tokens.
    case tokenEmbedding = "token_embd"
    /// Makes the logits.
    case output = "output"

    /// The order of the cases.
    public static func < (left: TensorRole, right: TensorRole) -> Bool { left.order < right.order }

    private var order: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }

    /// Reads the role of a weight from its name; nil where the name says none: a norm, a bias, a convolution, a name nobody knows.
    ///
    /// Known are the names of GGUF files (llama.cpp), of transformers and diffusers, and of FLUX and SD3 as they are
    /// published. A role is said by the end of the name, so any prefix goes: `model.layers.3.self_attn.q_proj.weight` is an
    /// ``attentionQuery`` as `blk.3.attn_q.weight` is.
    ///
    /// - Parameter name: The name of the tensor, or of its module.
    public init?(tensorName name: String) {
        var parts = name.split(separator: ".", omittingEmptySubsequences: true).map {
            String($0).lowercased()
        }
        switch parts.last {
        case "weight", "qweight", "base_layer": parts.removeLast()
        // Vectors have no role.
        case "bias", "scale", "scales": return nil
        default: break
        }
        // The index of a module in a sequence, which `to_out.0` and `experts.7` end with, decides nothing by itself.
        let expert = parts.contains { $0 == "experts" || $0 == "expert" }
        let shared = parts.contains { $0 == "shared_expert" || $0 == "shared_experts" || $0 == "shared_mlp" }
        for (ending, role) in Self.endings where parts.ends(with: ending) {
            self = shared ? role.ofSharedExpert : expert ? role.ofExpert : role
            return
        }
        return nil
    }

    /// The role that a module of a feed-forward block has within an expert.
    private var ofExpert: TensorRole {
        switch self {
        case .feedForwardGate: .expertGate
        case .feedForwardUp: .expertUp
        case .feedForwardGateUp: .expertGateUp
        case .feedForwardDown: .expertDown
        default: self
        }
    }

    /// The role that a module of a feed-forward block has within the expert that every token sees.
    private var ofSharedExpert: TensorRole {
        switch self {
        case .feedForwardGate: .sharedExpertGate
        case .feedForwardUp: .sharedExpertUp
        case .feedForwardDown: .sharedExpertDown
        default: self
        }
    }
}

extension [String] {
    /// Whether the list ends with another, an asterisk of which stands for any number.
    fileprivate func ends(with ending: [String]) -> Bool {
        count >= ending.count
            && zip(suffix(ending.count), ending).allSatisfy { part, pattern in
                pattern == "*" ? part.allSatisfy(\.isNumber) : part == pattern
            }
    }
}
