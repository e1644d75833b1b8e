/// The bytes of a safetensors file with the given tensors.
public struct SafetensorsBytes: Sendable {
    private var entries: [String] = []
    private var data: [UInt8] = []

    /// Creates a file without tensors.
    public init() {}

    /// Adds a tensor of raw bytes.
    ///
    /// - Parameters:
    ///   - name: The name, which needs no escapes.
    ///   - type: The type as safetensors names it, such as `BF16`.
    ///   - shape: The shape, outermost dimension first.
    ///   - bytes: The data.
    public mutating func add(_ name: String, _ type: String, _ shape: [Int], _ bytes: [UInt8]) {
        let (start, end) = (data.count, data.count + bytes.count)
        entries.append(
            #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(start),\#(end)]}"#
        )
        data += bytes
    }

    /// Adds a tensor of 32-bit floats.
    public mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
        add(name, "F32", shape, values.flatMap { Self.bytes(of: $0.bitPattern) })
    }

    /// The whole file.
    public var bytes: [UInt8] {
        let header = Array("{\(entries.joined(separator: ","))}".utf8)
        return Self.bytes(of: UInt64(header.count)) + header + data
    }

    /// A number, the least significant byte first.
    public static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
