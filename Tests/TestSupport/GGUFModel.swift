/// A GGUF file with metadata and weights, for tests of what is made of it.
public struct GGUFModel: Sendable {
    private var entries: [[UInt8]] = []
    private var infos: [(name: String, rowFirst: [Int], type: UInt32)] = []
    private var data: [[UInt8]] = []

    /// Creates a file without metadata and tensors.
    public init() {}

    /// Adds a text of the metadata.
    public mutating func add(_ key: String, _ text: String) {
        entries.append(Self.text(key) + Self.number(UInt32(8)) + Self.text(text))
    }

    /// Adds a number of 32 bits.
    public mutating func add(_ key: String, _ value: UInt32) {
        entries.append(Self.text(key) + Self.number(UInt32(4)) + Self.number(value))
    }

    /// Adds a number of 16 bits.
    public mutating func add(_ key: String, _ value: UInt16) {
        entries.append(Self.text(key) + Self.number(UInt32(2)) + Self.number(value))
    }

    /// Adds a signed number of 32 bits.
    public mutating func add(_ key: String, _ value: Int32) {
        entries.append(Self.text(key) + Self.number(UInt32(5)) + Self.number(value))
    }

    /// Adds an array of so many texts, more than a reader of headers keeps.
    public mutating func addVocabulary(_ key: String, count: Int) {
        var bytes = Self.text(key) + Self.number(UInt32(9)) + Self.number(UInt32(8))
        bytes += Self.number(UInt64(count))
        for index in 0..<count { bytes += Self.text("token \(index)") }
        entries.append(bytes)
    }

    /// Adds a tensor of 32-bit floats, its shape outermost dimension first.
    public mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
        infos.append((name, shape.reversed(), 0))
        data.append(values.flatMap { Self.number($0.bitPattern) })
    }

    /// Adds a tensor of BF16.
    public mutating func addBF16(_ name: String, _ shape: [Int], _ values: [Float]) {
        infos.append((name, shape.reversed(), 30))
        data.append(values.flatMap { Self.number(UInt16($0.bitPattern >> 16)) })
    }

    /// The whole file.
    public var bytes: [UInt8] {
        var tensors: [UInt8] = []
        var offset = 0
        for (info, data) in zip(infos, data) {
            tensors += Self.text(info.name) + Self.number(UInt32(info.rowFirst.count))
            tensors += info.rowFirst.flatMap { Self.number(Int64($0)) }
            tensors += Self.number(info.type) + Self.number(UInt64(offset))
            offset += Self.padded(data.count)
        }
        var bytes =
            Array("GGUF".utf8) + Self.number(UInt32(3)) + Self.number(Int64(infos.count))
            + Self.number(Int64(entries.count)) + entries.joined() + tensors
        bytes += [UInt8](repeating: 0, count: Self.padded(bytes.count) - bytes.count)
        for data in data {
            bytes += data + [UInt8](repeating: 0, count: Self.padded(data.count) - data.count)
        }
        return bytes
    }

    private static func padded(_ count: Int) -> Int { (count + 31) / 32 * 32 }

    private static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        SafetensorsBytes.bytes(of: value)
    }

    private static func text(_ text: String) -> [UInt8] {
        number(UInt64(text.utf8.count)) + Array(text.utf8)
    }
}
