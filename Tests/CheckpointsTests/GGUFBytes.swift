@testable import Checkpoints

/// The bytes of a GGUF file, written part by part, right or wrong.
struct GGUFBytes {
    var version: UInt32 = 3
    var tensorCount: Int64?
    var metadataCount: Int64?
    var metadata: [[UInt8]] = []
    var tensors: [[UInt8]] = []
    var alignment = 32
    var dataByteCount = 0

    /// The whole file.
    var bytes: [UInt8] {
        var bytes = header
        bytes += [UInt8](repeating: 0, count: dataByteCount)
        return bytes
    }

    /// Everything before the data, padding included.
    var header: [UInt8] {
        var bytes = Array("GGUF".utf8) + Self.number(version)
        bytes += Self.number(tensorCount ?? Int64(tensors.count))
        bytes += Self.number(metadataCount ?? Int64(metadata.count))
        bytes += metadata.flatMap { $0 }
        bytes += tensors.flatMap { $0 }
        while !bytes.count.isMultiple(of: alignment) { bytes.append(0) }
        return bytes
    }

    mutating func add(_ key: String, _ type: MetadataType, _ value: [UInt8]) {
        metadata.append(Self.text(key) + Self.number(type.rawValue) + value)
    }

    mutating func add(tensor name: String, _ rowFirst: [Int64], type: UInt32 = 0, at offset: UInt64 = 0) {
        tensors.append(Self.tensor(name: Array(name.utf8), rowFirst, type: type, at: offset))
    }

    static func tensor(name: [UInt8], _ rowFirst: [Int64], type: UInt32 = 0, at offset: UInt64 = 0) -> [UInt8]
    {
        number(UInt64(name.count)) + name + number(UInt32(rowFirst.count))
            + rowFirst.flatMap { number($0) } + number(type) + number(offset)
    }

    static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    static func text(_ text: String) -> [UInt8] {
        number(UInt64(text.utf8.count)) + Array(text.utf8)
    }

    static func array(_ type: MetadataType, count: UInt64, _ elements: [UInt8]) -> [UInt8] {
        number(type.rawValue) + number(count) + elements
    }

    /// A file of two tensors, `a` of 68 bytes in Q8_0 and `b` of 12 in F32.
    static var twoTensors: GGUFBytes {
        var file = GGUFBytes()
        file.add(tensor: "a", [32, 2], type: 8)
        file.add(tensor: "b", [3], at: 96)
        file.dataByteCount = 128
        return file
    }
}
