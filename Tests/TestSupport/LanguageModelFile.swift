public import Tensors

/// A small network of llama's architecture as GGUF files, in whatever formats its tensors are to have.
///
/// Four blocks of 256 elements' width, four heads that share two of keys and values, and 300 words: 39 tensors, of which
/// 30 have rows. The data are zeros.
public struct LanguageModelFile: Sendable {
    /// The tensors in BF16, those with one dimension in F32.
    public let tensors: [TensorInfo]

    /// Creates the network.
    public init() throws(TensorError) {
        var tensors: [TensorInfo] = []
        func add(_ name: String, _ shape: Int...) throws(TensorError) {
            tensors.append(
                try TensorInfo(name: name, shape: shape, elementType: shape.count == 1 ? .f32 : .bf16)
            )
        }
        try add("token_embd.weight", 300, 256)
        for block in 0..<4 {
            try add("blk.\(block).attn_norm.weight", 256)
            try add("blk.\(block).attn_q.weight", 256, 256)
            try add("blk.\(block).attn_k.weight", 128, 256)
            try add("blk.\(block).attn_v.weight", 128, 256)
            try add("blk.\(block).attn_output.weight", 256, 256)
            try add("blk.\(block).ffn_norm.weight", 256)
            try add("blk.\(block).ffn_gate.weight", 512, 256)
            try add("blk.\(block).ffn_up.weight", 512, 256)
            try add("blk.\(block).ffn_down.weight", 256, 512)
        }
        try add("output_norm.weight", 256)
        try add("output.weight", 300, 256)
        self.tensors = tensors
    }

    /// A network of other tensors, in any number of blocks.
    public init(tensors: [TensorInfo]) {
        self.tensors = tensors
    }

    /// An impact table in CSV for the tensors with rows: what a format costs falls with its bits and differs by tensor.
    ///
    /// - Parameter formats: The table's columns.
    /// - Returns: The table's text.
    public func table(_ formats: [QuantizationFormat]) -> String {
        var text = "layer," + formats.map(\.name).joined(separator: ",") + "\n"
        for (index, tensor) in tensors.enumerated() where tensor.dimensionCount > 1 {
            // The 7 and 5 make the order of the tensors' weights unlike the order of their names.
            let weight = Double(index * 7 % 5 + 1)
            let cells = formats.map { weight / ($0.bitsPerWeight * $0.bitsPerWeight) }
            text += tensor.name + "," + cells.map { "\($0)" }.joined(separator: ",") + "\n"
        }
        return text
    }

    /// The bytes of a file.
    ///
    /// - Parameters:
    ///   - architecture: The architecture that it says it has.
    ///   - more: Numbers that it states besides those of its blocks and heads.
    ///   - texts: Texts that it states besides, by their whole keys.
    ///   - format: The format of a tensor, or nil for its own.
    /// - Returns: The whole file.
    public func bytes(
        architecture: String = "llama",
        more: KeyValuePairs<String, Int> = [:],
        texts: KeyValuePairs<String, String> = [:],
        _ format: (TensorInfo) -> QuantizationFormat? = { _ in nil }
    ) -> [UInt8] {
        var metadata: [UInt8] = []
        metadata +=
            GGUFEncoding.text("general.architecture") + GGUFEncoding.number(UInt32(8))
            + GGUFEncoding.text(architecture)
        let numbers = [("block_count", 4), ("attention.head_count", 4), ("attention.head_count_kv", 2)]
        for (key, value) in numbers + more.map({ ($0.key, $0.value) }) {
            metadata +=
                GGUFEncoding.text("\(architecture).\(key)") + GGUFEncoding.number(UInt32(4))
                + GGUFEncoding.number(UInt32(value))
        }
        for (key, text) in texts {
            metadata += GGUFEncoding.text(key) + GGUFEncoding.number(UInt32(8)) + GGUFEncoding.text(text)
        }
        var infos: [UInt8] = []
        var offset = 0
        for tensor in tensors {
            let type = format(tensor) ?? tensor.elementType ?? .bf16
            infos += GGUFEncoding.text(tensor.name) + GGUFEncoding.number(UInt32(tensor.dimensionCount))
            infos += tensor.rowFirstShape.flatMap { GGUFEncoding.number(Int64($0)) }
            infos += GGUFEncoding.number(type.ggufTypeID ?? 0) + GGUFEncoding.number(UInt64(offset))
            offset += GGUFEncoding.padded(type.byteCount(of: tensor) ?? 0)
        }
        let head =
            Array("GGUF".utf8) + GGUFEncoding.number(UInt32(3)) + GGUFEncoding.number(Int64(tensors.count))
            + GGUFEncoding.number(Int64(4 + more.count + texts.count)) + metadata + infos
        return head + [UInt8](repeating: 0, count: GGUFEncoding.padded(head.count) - head.count + offset)
    }

    /// The bytes of a file of the network's own formats with weights that are no zeros: between 1/128 and 1/16, of either sign.
    ///
    /// - Parameters:
    ///   - seed: What the weights are drawn with.
    ///   - more: Numbers that the file states besides those of its blocks and heads.
    /// - Returns: The whole file.
    public func drawnBytes(seed: Int, more: KeyValuePairs<String, Int> = [:]) -> [UInt8] {
        var bytes = self.bytes(more: more)
        var random = SeededGenerator(seed: seed)
        let size = tensors.reduce(0) {
            $0 + GGUFEncoding.padded(($1.elementType ?? .bf16).byteCount(of: $1) ?? 0)
        }
        // Two bytes of BF16, which are half of a number of 32 bits as well.
        for place in stride(from: bytes.count - size, to: bytes.count, by: 8) {
            var word = random.next()
            for offset in stride(from: 0, to: 8, by: 2) {
                bytes[place + offset] = UInt8(truncatingIfNeeded: word)
                bytes[place + offset + 1] = 0x3C | UInt8(truncatingIfNeeded: word >> 8) & 0x81
                word >>= 16
            }
        }
        return bytes
    }
}
