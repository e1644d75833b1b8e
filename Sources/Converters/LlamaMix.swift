public import Tensors

/// A mix of formats that `llama-quantize` makes when it is given its name and no rules.
///
/// A mix has a format that most tensors take, and rules by a tensor's role, its block and the network for the others; see
/// ``LlamaMixedModel``. The names are those of `QUANT_OPTIONS` in `tools/quantize/quantize.cpp`, and
/// the rules those of `src/llama-quant.cpp`, of the llama.cpp that llama-cpp-python 0.3.36 brings along.
public enum LlamaMix: String, CaseIterable, Hashable, Sendable {
    /// 1 bit; its output in Q6_K.
    case q1_0 = "Q1_0"
    /// Ternary in blocks of 64.
    case q2_0 = "Q2_0"
    /// Ternary, packed by fives.
    case tq1_0 = "TQ1_0"
    /// Ternary, 2 bits each.
    case tq2_0 = "TQ2_0"
    /// The smallest one; needs an importance matrix.
    case iq1_s = "IQ1_S"
    /// Needs an importance matrix.
    case iq1_m = "IQ1_M"
    /// Needs an importance matrix.
    case iq2_xxs = "IQ2_XXS"
    /// Needs an importance matrix.
    case iq2_xs = "IQ2_XS"
    /// IQ2_XS with more for values and outputs of attention; needs an importance matrix.
    case iq2_s = "IQ2_S"
    /// IQ2_S with more for values and outputs of attention; needs an importance matrix.
    case iq2_m = "IQ2_M"
    /// Q2_K throughout; needs an importance matrix.
    case q2_K_S = "Q2_K_S"
    /// Q2_K with Q3_K where it hurts most.
    case q2_K = "Q2_K"
    /// Needs an importance matrix.
    case iq3_xxs = "IQ3_XXS"
    /// Between IQ3_XXS and IQ3_S; needs an importance matrix.
    case iq3_xs = "IQ3_XS"
    /// IQ3_S throughout.
    case iq3_s = "IQ3_S"
    /// IQ3_S with Q4_K where it hurts most.
    case iq3_m = "IQ3_M"
    /// Q3_K throughout.
    case q3_K_S = "Q3_K_S"
    /// Q3_K with Q4_K and Q5_K where it hurts most.
    case q3_K_M = "Q3_K_M"
    /// Q3_K with Q5_K where it hurts most.
    case q3_K_L = "Q3_K_L"
    /// Non-linear, in blocks of 256.
    case iq4_xs = "IQ4_XS"
    /// Non-linear, in blocks of 32.
    case iq4_nl = "IQ4_NL"
    /// 4 bits with one scale.
    case q4_0 = "Q4_0"
    /// 4 bits with a scale and a minimum.
    case q4_1 = "Q4_1"
    /// Q4_K with a few of Q5_K.
    case q4_K_S = "Q4_K_S"
    /// Q4_K with Q6_K where it hurts most.
    case q4_K_M = "Q4_K_M"
    /// Experts in MXFP4, all else in Q8_0.
    case mxfp4_moe = "MXFP4_MOE"
    /// 5 bits with one scale.
    case q5_0 = "Q5_0"
    /// 5 bits with a scale and a minimum.
    case q5_1 = "Q5_1"
    /// Q5_K throughout.
    case q5_K_S = "Q5_K_S"
    /// Q5_K with Q6_K where it hurts most.
    case q5_K_M = "Q5_K_M"
    /// Q6_K throughout.
    case q6_K = "Q6_K"
    /// Q8_0 throughout.
    case q8_0 = "Q8_0"

    /// The format that a tensor takes where no rule says otherwise.
    public var baseFormat: QuantizationFormat {
        switch self {
        case .q1_0: .q1_0
        case .q2_0: .q2_0
        case .tq1_0: .tq1_0
        case .tq2_0: .tq2_0
        case .iq1_s: .iq1_s
        case .iq1_m: .iq1_m
        case .iq2_xxs: .iq2_xxs
        case .iq2_xs, .iq2_s: .iq2_xs
        case .iq2_m: .iq2_s
        case .q2_K_S, .q2_K: .q2_K
        case .iq3_xxs: .iq3_xxs
        case .iq3_xs, .iq3_s, .iq3_m: .iq3_s
        case .q3_K_S, .q3_K_M, .q3_K_L: .q3_K
        case .iq4_xs: .iq4_xs
        case .iq4_nl: .iq4_nl
        case .q4_0: .q4_0
        case .q4_1: .q4_1
        case .q4_K_S, .q4_K_M: .q4_K
        case .mxfp4_moe: .mxfp4
        case .q5_0: .q5_0
        case .q5_1: .q5_1
        case .q5_K_S, .q5_K_M: .q5_K
        case .q6_K: .q6_K
        case .q8_0: .q8_0
        }
    }
}
