public import Foundation

/// The folder of a small language model as Hugging Face has it: weights of llama's or Mixtral's architecture, configuration,
/// tokenizer, and what else lies there.
public struct HubFolder: Sendable {
    /// The width of the network.
    public static let width = 128

    /// The weights' names and shapes, in the order of the file.
    public let tensors: [(name: String, shape: [Int])]
    /// The type of the weights: `BF16`, `F16` or `F32`.
    public let type: String
    /// The architecture that the configuration names, or nil for llama or mixtral.
    public var architecture: String?
    /// Whether the configuration says that the output is the embeddings' matrix.
    public var tiesOutput = false
    private let seed: Int
    private let expertCount: Int

    /// Describes a folder.
    ///
    /// - Parameters:
    ///   - seed: What the weights are drawn with.
    ///   - type: The type of the weights.
    ///   - expertCount: The number of experts in a layer, 0 for a network without.
    ///   - blockCount: The number of layers.
    public init(seed: Int, type: String = "BF16", expertCount: Int = 0, blockCount: Int = 2) {
        self.seed = seed
        self.type = type
        self.expertCount = expertCount
        let width = Self.width
        var tensors: [(name: String, shape: [Int])] = [
            ("lm_head.weight", [96, width]), ("model.embed_tokens.weight", [96, width]),
        ]
        for block in 0..<blockCount {
            let name = "model.layers.\(block)."
            tensors += [
                (name + "input_layernorm.weight", [width]),
                (name + "post_attention_layernorm.weight", [width]),
                (name + "self_attn.q_proj.weight", [width, width]),
                (name + "self_attn.k_proj.weight", [width / 2, width]),
                (name + "self_attn.v_proj.weight", [width / 2, width]),
                (name + "self_attn.o_proj.weight", [width, width]),
            ]
            guard expertCount > 0 else {
                tensors += [
                    (name + "mlp.gate_proj.weight", [2 * width, width]),
                    (name + "mlp.up_proj.weight", [2 * width, width]),
                    (name + "mlp.down_proj.weight", [width, 2 * width]),
                ]
                continue
            }
            tensors.append((name + "block_sparse_moe.gate.weight", [expertCount, width]))
            for expert in 0..<expertCount {
                let name = name + "block_sparse_moe.experts.\(expert)."
                tensors += [
                    (name + "w1.weight", [2 * width, width]), (name + "w2.weight", [width, 2 * width]),
                    (name + "w3.weight", [2 * width, width]),
                ]
            }
        }
        self.tensors = tensors + [("model.norm.weight", [width])]
    }

    /// The text of `config.json`.
    public var configuration: String {
        let experts =
            expertCount > 0 ? #""num_local_experts": \#(expertCount), "num_experts_per_tok": 2,"# : ""
        return """
            {
              "architectures": ["\(expertCount > 0 ? "Mixtral" : "Llama")ForCausalLM"],
              "model_type": "\(architecture ?? (expertCount > 0 ? "mixtral" : "llama"))", \(experts)
              "hidden_size": \(Self.width), "intermediate_size": \(2 * Self.width), "num_hidden_layers": \(blockCount),
              "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 96,
              "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "tie_word_embeddings": \(tiesOutput),
              "note": "a \\"quoted\\", {braced} text", "limit": [0.0, Infinity],
              "torch_dtype": "\(type == "F32" ? "float32" : type == "F16" ? "float16" : "bfloat16")"
            }

            """
    }

    private var blockCount: Int { tensors.count { $0.name.hasSuffix("input_layernorm.weight") } }

    /// Writes the folder, with a file of weights in another form, a hidden file and a folder beside what belongs to the model.
    ///
    /// - Parameter url: Where it goes; it must not be there.
    /// - Throws: What Foundation throws where it cannot be written.
    public func write(to url: URL) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        var file = SafetensorsBytes()
        for (place, tensor) in tensors.enumerated() {
            var random = SeededGenerator(seed: seed * 1_000 + place)
            let isNorm = tensor.shape.count == 1
            let bytes = (0..<tensor.shape.reduce(1, *)).flatMap { _ -> [UInt8] in
                let sum = (0..<4).reduce(Float(-2)) { sum, _ in sum + Float.random(in: 0..<1, using: &random)
                }
                return self.bytes(of: isNorm ? 1 + sum * 0.01 : sum * 0.1)
            }
            file.add(tensor.name, type, tensor.shape, bytes)
        }
        try Data(file.bytes).write(to: url.appendingPathComponent("model.safetensors"))
        for (name, text) in [
            ("config.json", configuration), ("tokenizer.json", #"{"version": "1.0"}"#),
            ("tokenizer_config.json", #"{"model_max_length": 512}"#),
            ("chat_template.jinja", "{{ messages }}"),
            ("LICENSE", "Do what you like."), ("pytorch_model.bin", "not weights"), (".hidden", "hidden"),
        ] {
            try Data(text.utf8).write(to: url.appendingPathComponent(name))
        }
        let other = url.appendingPathComponent("onnx")
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
        try Data("graph".utf8).write(to: other.appendingPathComponent("model.onnx"))
    }

    private func bytes(of value: Float) -> [UInt8] {
        switch type {
        case "F32": SafetensorsBytes.bytes(of: value.bitPattern)
        case "F16": SafetensorsBytes.bytes(of: Self.half(value))
        default: SafetensorsBytes.bytes(of: UInt16(value.bitPattern >> 16))
        }
    }

    /// The bits of a 16-bit float, cut off; zero for what is no normal number of that type.
    private static func half(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        let exponent = Int(bits >> 23 & 0xFF) - 112
        guard exponent > 0 else { return 0 }
        return UInt16(truncatingIfNeeded: bits >> 16 & 0x8000) | UInt16(exponent) << 10
            | UInt16(bits >> 13 & 0x3FF)
    }
}
