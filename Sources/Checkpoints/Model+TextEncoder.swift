import Foundation
import Text

extension Model {
    /// Whether the model makes vectors of texts and no logits, as what is said beside its weights has it.
    ///
    /// A GGUF file says a pooling (`ARCHITECTURE.pooling_type`, which llama.cpp's converter writes for embedding models), or an
    /// architecture that has no logits. A folder of Hugging Face has `modules.json` of sentence-transformers, or names a bare
    /// network in the `architectures` of `config.json`, such as `BertModel`, and none with a head, such as `LlamaForCausalLM`. What says
    /// nothing of the kind, or cannot be read, is no encoder.
    public var isTextEncoder: Bool {
        switch kind {
        case .gguf:
            guard let architecture else { return false }
            if Self.encoders.contains(architecture) { return true }
            // 0 is no pooling, which other models may say too.
            guard case .uint32(let pooling) = metadataValue(for: architecture + ".pooling_type") else {
                return false
            }
            return pooling > 0
        case .safetensors:
            guard let file = files.first.map({ FilePath($0.path) }) else { return false }
            if InputFile.exists(file.sibling("modules.json")) { return true }
            let heads = Self.networks(of: file.sibling("config.json"))
            return !heads.isEmpty && heads.allSatisfy { $0.hasSuffix("Model") && !$0.contains("LMHead") }
        case .inventory: return false
        }
    }

    /// Architectures of llama.cpp (`LLM_ARCH_NAMES`) that end with the states of the last block.
    private static let encoders: Set<String> = [
        "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert", "neo-bert",
        "eurobert", "gemma-embedding", "llama-embed", "t5encoder", "clip",
    ]
    /// The largest `config.json` that is looked at, in bytes.
    private static let configurationLimit = 10_000_000

    /// The names of the networks in a `config.json`; none where it cannot be read.
    private static func networks(of path: String) -> [String] {
        guard let bytes = try? InputFile.bytes(at: path, limit: configurationLimit),
            let tree = try? JSONTree.parse(bytes),
            let names = try? JSONPlace(tree).object()["architectures"]?.strings()
        else { return [] }
        return names
    }
}
