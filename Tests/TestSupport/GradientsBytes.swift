/// The bytes of a file of squared gradients, a GGUF as `Examples/capture-gradients` writes it.
public struct GradientsBytes {
    private var tensors: [(name: String, shape: [Int], values: [Float])] = []

    private let sequences: UInt64

    /// Creates a file without vectors.
    ///
    /// - Parameter sequences: The number of sequences that the gradients are said to be of.
    public init(sequences: UInt64 = 4) { self.sequences = sequences }

    /// Adds the vectors of a tensor: rows and columns, with one run of each for every expert.
    public mutating func add(_ name: String, rows: [Float], columns: [Float], experts: Int = 1) {
        tensors.append((name + ".rows", [rows.count / experts, experts], rows))
        tensors.append((name + ".in_sum2", [columns.count / experts, experts], columns.map { $0 * 4 }))
        tensors.append((name + ".counts", [1, experts], [Float](repeating: 4, count: experts)))
    }

    /// The whole file.
    public var bytes: [UInt8] {
        let texts = [
            ("gradients.model", "m"), ("gradients.loss", "kl"),
            ("gradients.unit", "KL divergence, nats per token"),
        ]
        let counts = [("gradients.sequences", sequences), ("gradients.tokens", UInt64(512))]
        var header = Array("GGUF".utf8) + number(UInt32(3)) + number(UInt64(tensors.count))
        header += number(UInt64(texts.count + counts.count + 1))
        // The types of the values: 8 is a string, 10 a uint64, 4 a uint32.
        for (key, value) in texts { header += text(key) + number(UInt32(8)) + text(value) }
        for (key, value) in counts { header += text(key) + number(UInt32(10)) + number(value) }
        header += text("gradients.version") + number(UInt32(4)) + number(UInt32(1))
        var data: [UInt8] = []
        for tensor in tensors {
            header += text(tensor.name) + number(UInt32(tensor.shape.count))
            header += tensor.shape.flatMap { number(UInt64($0)) }
            header += number(UInt32(0)) + number(UInt64(data.count))
            data += padded(tensor.values.flatMap { number($0.bitPattern) })
        }
        return padded(header) + data
    }

    private func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
    }

    private func number(_ value: some FixedWidthInteger) -> [UInt8] { SafetensorsBytes.bytes(of: value) }

    private func text(_ text: String) -> [UInt8] { number(UInt64(text.utf8.count)) + Array(text.utf8) }
}
