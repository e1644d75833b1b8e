/// The bytes of a GGUF file with tensors of 32-bit floats, as a converter of a language model writes them.
public struct GGUFTensorBytes: Sendable {
    private var infos: [UInt8] = []
    private var data: [UInt8] = []
    private var count = 0
    private let alignment = 32

    /// Creates a file without tensors.
    public init() {}

    /// Adds a tensor.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - shape: The shape, outermost dimension first.
    ///   - values: The weights.
    public mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
        infos += GGUFEncoding.text(name) + SafetensorsBytes.bytes(of: UInt32(shape.count))
        infos += shape.reversed().flatMap { SafetensorsBytes.bytes(of: UInt64($0)) }
        // 0 is the type F32.
        infos += SafetensorsBytes.bytes(of: UInt32(0)) + SafetensorsBytes.bytes(of: UInt64(data.count))
        data += values.flatMap { SafetensorsBytes.bytes(of: $0.bitPattern) }
        while !data.count.isMultiple(of: alignment) { data.append(0) }
        count += 1
    }

    /// The whole file.
    public var bytes: [UInt8] {
        var bytes = Array("GGUF".utf8) + SafetensorsBytes.bytes(of: UInt32(3))
        bytes += SafetensorsBytes.bytes(of: UInt64(count)) + SafetensorsBytes.bytes(of: UInt64(1))
        // 8 is the type of a text.
        bytes +=
            GGUFEncoding.text("general.architecture") + SafetensorsBytes.bytes(of: UInt32(8))
            + GGUFEncoding.text("llama")
        bytes += infos
        while !bytes.count.isMultiple(of: alignment) { bytes.append(0) }
        return bytes + data
    }
}
