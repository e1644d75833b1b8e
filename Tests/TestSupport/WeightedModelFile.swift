/// A small network of llama's architecture in GGUF with weights that look like a model's: two blocks in BF16.
public struct WeightedModelFile: Sendable {
    /// The whole file.
    public let bytes: [UInt8]

    /// Creates the file.
    ///
    /// - Parameters:
    ///   - seed: What the weights are drawn with.
    ///   - rows: The rows of each of the blocks' weights, more for a larger file.
    public init(seed: Int, rows: Int = 256) {
        var infos: [UInt8] = []
        var data: [UInt8] = []
        var count = 0
        func add(_ name: String, _ shape: [Int]) {
            let isRow = shape.count == 1
            infos += GGUFEncoding.text(name) + GGUFEncoding.number(UInt32(shape.count))
            infos += shape.reversed().flatMap { GGUFEncoding.number(Int64($0)) }
            infos += GGUFEncoding.number(UInt32(isRow ? 0 : 30)) + GGUFEncoding.number(UInt64(data.count))
            var random = SeededGenerator(seed: seed + count)
            for _ in 0..<shape.reduce(1, *) {
                let value = (0..<4).reduce(Float(-2)) { sum, _ in
                    sum + Float.random(in: 0..<1, using: &random)
                }
                data +=
                    isRow
                    ? GGUFEncoding.number((value * 0.1).bitPattern)
                    : GGUFEncoding.number(UInt16((value * 0.1).bitPattern >> 16))
            }
            data += [UInt8](repeating: 0, count: GGUFEncoding.padded(data.count) - data.count)
            count += 1
        }
        add("output_norm.weight", [256])
        add("token_embd.weight", [64, 256])
        for block in 0..<2 {
            add("blk.\(block).attn_norm.weight", [256])
            add("blk.\(block).attn_q.weight", [rows, 256])
            add("blk.\(block).attn_v.weight", [rows, 256])
            add("blk.\(block).ffn_down.weight", [rows, 256])
        }
        let metadata =
            GGUFEncoding.text("general.architecture") + GGUFEncoding.number(UInt32(8))
            + GGUFEncoding.text("llama")
            + GGUFEncoding.text("llama.block_count") + GGUFEncoding.number(UInt32(4))
            + GGUFEncoding.number(UInt32(2))
        let head =
            Array("GGUF".utf8) + GGUFEncoding.number(UInt32(3)) + GGUFEncoding.number(Int64(count))
            + GGUFEncoding.number(Int64(2))
            + metadata + infos
        bytes = head + [UInt8](repeating: 0, count: GGUFEncoding.padded(head.count) - head.count) + data
    }
}
