/// A GGUF file with metadata and weights, for tests of what is made of it.
public struct GGUFModel: Sendable {
    private var entries: [[UInt8]] = []
    private var infos: [(name: String, rowFirst: [Int], type: UInt32)] = []
    private var data: [[UInt8]] = []

    /// Creates a file without metadata and tensors.
    public init() {}

    /// Creates one of two files of a split model of llama's architecture, with the metadata that say so and no tensor yet.
    ///
    /// - Parameter number: The file's number, 0 or 1.
    public init(partOfTwo number: Int) {
        if number == 0 { add("general.architecture", "llama") }
        add("split.no", UInt16(number))
        add("split.count", UInt16(2))
        add("split.tensors.count", UInt32(2))
    }

    /// Adds a text of the metadata.
    public mutating func add(_ key: String, _ text: String) {
        entries.append(GGUFEncoding.text(key) + GGUFEncoding.number(UInt32(8)) + GGUFEncoding.text(text))
    }

    /// Adds a number of 32 bits.
    public mutating func add(_ key: String, _ value: UInt32) {
        entries.append(GGUFEncoding.text(key) + GGUFEncoding.number(UInt32(4)) + GGUFEncoding.number(value))
    }

    /// Adds a number of 16 bits.
    public mutating func add(_ key: String, _ value: UInt16) {
        entries.append(GGUFEncoding.text(key) + GGUFEncoding.number(UInt32(2)) + GGUFEncoding.number(value))
    }

    /// Adds a signed number of 32 bits.
    public mutating func add(_ key: String, _ value: Int32) {
        entries.append(GGUFEncoding.text(key) + GGUFEncoding.number(UInt32(5)) + GGUFEncoding.number(value))
    }

    /// Adds an array of so many texts, more than a reader of headers keeps.
    public mutating func addVocabulary(_ key: String, count: Int) {
        var bytes = GGUFEncoding.text(key) + GGUFEncoding.number(UInt32(9)) + GGUFEncoding.number(UInt32(8))
        bytes += GGUFEncoding.number(UInt64(count))
        for index in 0..<count { bytes += GGUFEncoding.text("token \(index)") }
        entries.append(bytes)
    }

    /// Adds a tensor of 32-bit floats, its shape outermost dimension first.
    public mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
        infos.append((name, shape.reversed(), 0))
        data.append(values.flatMap { GGUFEncoding.number($0.bitPattern) })
    }

    /// Adds a tensor of BF16.
    public mutating func addBF16(_ name: String, _ shape: [Int], _ values: [Float]) {
        infos.append((name, shape.reversed(), 30))
        data.append(values.flatMap { GGUFEncoding.number(UInt16($0.bitPattern >> 16)) })
    }

    /// The whole file.
    public var bytes: [UInt8] {
        var tensors: [UInt8] = []
        var offset = 0
        for (info, data) in zip(infos, data) {
            tensors += GGUFEncoding.text(info.name) + GGUFEncoding.number(UInt32(info.rowFirst.count))
            tensors += info.rowFirst.flatMap { GGUFEncoding.number(Int64($0)) }
            tensors += GGUFEncoding.number(info.type) + GGUFEncoding.number(UInt64(offset))
            offset += GGUFEncoding.padded(data.count)
        }
        var bytes =
            Array("GGUF".utf8) + GGUFEncoding.number(UInt32(3)) + GGUFEncoding.number(Int64(infos.count))
            + GGUFEncoding.number(Int64(entries.count)) + entries.joined() + tensors
        bytes += [UInt8](repeating: 0, count: GGUFEncoding.padded(bytes.count) - bytes.count)
        for data in data {
            bytes += data + [UInt8](repeating: 0, count: GGUFEncoding.padded(data.count) - data.count)
        }
        return bytes
    }
}
