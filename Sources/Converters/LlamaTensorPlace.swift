import Text
/// Where in a language model a tensor stands, as llama.cpp tells it from the tensor's name.
struct LlamaTensorPlace {
    /// What a tensor is for, as far as `llama-quantize` tells tensors apart.
    enum Role {
        case tokenEmbedding
        case output
        /// One tensor for queries, keys and values.
        case queryKeyValue
        /// One tensor that makes keys and values of what attention has compressed.
        case keyValue
        case value
        case key
        case query
        case attentionOutput
        case up
        case gate
        case down
        case other

        /// Whether the tensor holds the weights of values, which suffer most.
        var isValue: Bool { [.value, .queryKeyValue, .keyValue].contains(self) }
    }

    /// What the tensor is for.
    let role: Role
    /// The block that the name begins with, or nil.
    let block: Int?
    private let name: String

    init(_ name: String) {
        self.name = name
        role = Self.role(of: name)
        block = Self.block(of: name)
    }

    /// Whether `llama-quantize` comes to this tensor before another one: what is in no block, then the blocks, each by
    /// the bytes of the names.
    func isBefore(_ other: LlamaTensorPlace) -> Bool {
        if block != other.block { return (block ?? -1) < (other.block ?? -1) }
        return name.utf8.lexicographicallyPrecedes(other.name.utf8)
    }

    private static let parts: [(part: String, role: Role)] = [
        ("attn_qkv.weight", .queryKeyValue),
        ("attn_kv_b.weight", .keyValue),
        ("attn_v.weight", .value),
        ("attn_k.weight", .key),
        ("attn_q.weight", .query),
        ("attn_output.weight", .attentionOutput),
        ("ffn_up", .up),
        ("ffn_gate", .gate),
        ("ffn_down", .down),
    ]

    private static func role(of name: String) -> Role {
        switch name {
        case "output.weight": .output
        case "token_embd.weight", "per_layer_token_embd.weight": .tokenEmbedding
        default: parts.first { name.hasBytes(of: $0.part) }?.role ?? .other
        }
    }

    private static func block(of name: String) -> Int? {
        guard name.hasPrefix("blk.") else { return nil }
        return Int(name.utf8.dropFirst(4).prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.decoded)
    }
}

extension Sequence<UInt8> {
    fileprivate var decoded: String { String(decoding: Array(self), as: UTF8.self) }
}
