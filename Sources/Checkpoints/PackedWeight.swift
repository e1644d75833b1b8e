public import Tensors
import Text

/// A weight that another program has quantized already, so that the file does not hold its values as they are.
///
/// Planning such a model would decide about its scales and packed integers as if they were weights, and quantizing it again
/// adds the new error to the old one.
public struct PackedWeight: Hashable, Sendable {
    /// How a weight is packed, by the names and types that the schemes' own programs write.
    public enum Scheme: String, Hashable, Sendable, CaseIterable {
        /// GPTQ: `qweight` packed along the inputs, `qzeros`, `scales` and mostly `g_idx`.
        case gptq = "GPTQ"
        /// AWQ: `qweight` packed along the outputs, `qzeros` and `scales`.
        case awq = "AWQ"
        /// compressed-tensors: `weight_packed`, or integers, beside `weight_scale`.
        case compressedTensors = "compressed-tensors"
        /// bitsandbytes in 4 bits (NF4 or FP4): `weight.absmax` and `weight.quant_state.…`.
        case bitsandbytes = "bitsandbytes 4-bit"
        /// LLM.int8() of bitsandbytes: 8-bit integers beside `SCB`.
        case llmInt8 = "LLM.int8()"
        /// MLX: 32-bit integers beside `scales`, and mostly `biases`.
        case mlx = "MLX"
        /// exllamav2: `q_weight` beside `q_scale` and `q_groups`.
        case exllamaV2 = "exllamav2"
        /// exllamav3: `trellis` beside `suh` and `svh`.
        case exllamaV3 = "exllamav3"
        /// Marlin: `B` beside its scales `s`.
        case marlin = "Marlin"
        /// AQLM: `codes` of `codebooks`.
        case aqlm = "AQLM"
        /// Quanto of Hugging Face's optimum: `_data` beside `_scale`.
        case quanto = "Quanto"
        /// HQQ: `W_q` beside `scale` and `zero`.
        case hqq = "HQQ"
        /// SVDQuant of nunchaku: `qweight` beside `wscales` and a low-rank branch.
        case svdQuant = "SVDQuant"
        /// VPTQ: `indices` of `centroids`.
        case vptq = "VPTQ"
        /// EETQ: 8-bit integers beside `weight_scales`.
        case eetq = "EETQ"
        /// MXFP4 as gpt-oss is published: `_blocks` of two floats to a byte beside `_scales`.
        case mxfp4 = "MXFP4"
        /// Floats of 4 bits, two to a byte, beside scales.
        case packedFloat4 = "4-bit floats with scales"
        /// 8-bit floats that a tensor beside them scales.
        case scaledFloat8 = "8-bit floats with scales"
        /// Another type that needs scales, or packed integers without a name that says whose they are.
        case otherPacking = "packed values"
        /// A format of ggml that is made by quantizing, such as `Q4_K`.
        case ggml = "ggml"
    }

    /// How the weight is packed.
    public let scheme: Scheme
    /// The name of the tensor that holds it.
    public let tensor: String
    /// The format that the file says the tensor has, such as `I32` or `Q4_K`.
    public let format: QuantizationFormat

    /// Creates a packed weight.
    public init(scheme: Scheme, tensor: String, format: QuantizationFormat) {
        self.scheme = scheme
        self.tensor = tensor
        self.format = format
    }
}

extension PackedWeight: CustomStringConvertible {
    /// What the tensor is, such as `'a.qweight' is packed by GPTQ (I32)`.
    public var description: String {
        let name = "tensor \(tensor.quoted)"
        return switch scheme {
        case .ggml: "\(name) is in \(format)"
        case .otherPacking: "\(name) holds packed values (\(format))"
        case .packedFloat4, .scaledFloat8, .mxfp4: "\(name) holds \(scheme.rawValue) (\(format))"
        default: "\(name) is packed by \(scheme.rawValue) (\(format))"
        }
    }
}
