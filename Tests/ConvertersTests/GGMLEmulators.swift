import Tensors

/// What stable-diffusion.cpp makes of a tensor, as its model loader decides.
struct StableDiffusionEmulator {
    private let rules: RegularExpressionRules

    init(_ argument: String) throws {
        // A rule without a type, or with one that is not spelt as ggml spells it, is left out with a warning.
        let known = Set(QuantizationFormat.all.compactMap(\.ggmlName))
        let entries = argument.trimmed.split(separator: ",", omittingEmptySubsequences: false).map(
            String.init
        )
        rules = try RegularExpressionRules(
            entries.filter { entry in
                entry.firstIndex(of: "=").map { known.contains(String(entry[entry.index(after: $0)...])) }
                    ?? false
            }
        )
    }

    /// The type's ggml name, or nil where the tensor stays as it is.
    func type(of tensor: TensorInfo, in file: String? = nil) -> String? {
        let name = file ?? tensor.name
        guard let type = rules.type(of: name), Self.mayChange(name),
            let format = QuantizationFormat.all.first(where: { $0.ggmlName == type }), format.fits(tensor)
        else { return nil }
        return type
    }

    private static func mayChange(_ name: String) -> Bool {
        if name.hasSuffix(".bias") || name.hasSuffix(".scale") || name.hasSuffix(".weight_scale") {
            return false
        }
        let flux = ["img_in.", "txt_in.", "time_in.", "vector_in.", "guidance_in.", "final_layer."]
        let diffusionTransformer = [
            "x_embedder.", "t_embedder.", "y_embedder.", "pos_embed", "context_embedder.",
        ]
        let network = ["time_embed.", "label_emb.", "embedding"]
        return !(flux + diffusionTransformer + network).contains { name.contains($0) }
    }
}

/// What llama-quantize makes of a tensor when its base type is a quantized one.
struct LlamaQuantizeEmulator {
    private let rules: RegularExpressionRules

    init(file: String) throws {
        let entries = file.split { $0 == " " || $0 == "\n" || $0 == "\t" }.map(String.init)
        rules = try RegularExpressionRules(entries, lowersPatterns: true)
    }

    enum Outcome: Hashable {
        case untouched
        case heuristic
        case type(String)
        case fails
    }

    func outcome(of tensor: TensorInfo, _ precedence: RegularExpressionRules.Precedence) -> Outcome {
        guard Self.mayChange(tensor) else { return .untouched }
        guard let type = rules.type(of: tensor.name, precedence) else { return .heuristic }
        // Types are read whatever their case; a type that is none ends the program.
        guard
            let format = QuantizationFormat.all.first(where: {
                $0.ggmlName?.lowercased() == type.lowercased()
            })
        else { return .fails }
        return format.fits(tensor) ? .type(format.name) : .fails
    }

    static func mayChange(_ tensor: TensorInfo) -> Bool {
        var sizes = tensor.rowFirstShape
        while sizes.count > 1, sizes.last == 1 { sizes.removeLast() }
        guard sizes.count >= 2, tensor.name.hasSuffix("weight") else { return false }
        return !["_norm.weight", "ffn_gate_inp.weight"].contains { tensor.name.contains($0) }
    }
}

/// What ik_llama.cpp makes of a tensor: the first rule that is found, types spelt exactly.
struct CustomQEmulator {
    private let rules: RegularExpressionRules

    init(argument: String) throws {
        rules = try RegularExpressionRules(argument.trimmed.split(separator: ",").map(String.init))
    }

    /// A `.recipe` file: comments and empty lines dropped.
    init(recipe: String) throws {
        let lines = recipe.split(separator: "\n").map(String.init)
        rules = try RegularExpressionRules(lines.filter { !$0.hasPrefix("#") })
    }

    func type(of tensor: TensorInfo) -> String? {
        rules.type(of: tensor.name)
    }

    func types(of tensor: TensorInfo) -> [String] {
        rules.types(of: tensor.name)
    }
}

extension String {
    /// The text as `$(cat …)` gives it: without newlines at its end.
    var trimmed: String {
        var text = self[...]
        while text.last == "\n" { text.removeLast() }
        return String(text)
    }
}
