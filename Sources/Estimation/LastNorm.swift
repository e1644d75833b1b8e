/// The norm before a language model's output, by its name.
enum LastNorm {
    /// Whether a tensor outside the blocks may be the norm before the output, in GGUF files and as transformers names it.
    ///
    /// The encoders of translators (T5, Whisper) and of images' texts (CLIP) end with a norm as well, which no output reads.
    static func isNamed(_ name: String) -> Bool {
        var parts = surroundings(of: name)
        guard name.hasSuffix(".weight"), let last = name.split(separator: ".").dropLast().last else {
            return false
        }
        let module = parts.popLast()
        switch (last, module) {
        case (_, "encoder"), (_, "enc"), ("final_layer_norm", "text_model"): return false
        case ("layer_norm", let module): return module == "decoder"
        default: return names.contains(last)
        }
    }

    private static let names: Set<Substring> = [
        "output_norm", "norm", "norm_f", "ln_f", "ln_out", "final_layernorm", "final_layer_norm",
        "final_norm",
        "embedding_norm",
    ]

    /// The names of the modules around a tensor's own, the outermost first.
    static func surroundings(of name: String) -> [Substring] {
        name.split(separator: ".").dropLast(2)
    }
}
