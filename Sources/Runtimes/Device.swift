/// Memory that weights may be put into: a card's, or the host's.
public struct Device: Hashable, Sendable {
    /// How it is shown.
    public let name: String
    /// The name of its buffer in llama.cpp, such as `CPU` or `CUDA0`.
    public let buffer: String
    /// The bytes that may be used of it.
    public let bytes: Int
    /// The bytes that are read of it in a second, or nil where that is not known.
    public let bandwidth: Double?

    /// Whether it is the host's memory.
    public var isHost: Bool { buffer == Self.hostBuffer }

    /// The name of the host's buffer in llama.cpp.
    public static let hostBuffer = "CPU"

    /// Creates a device.
    public init(name: String, buffer: String, bytes: Int, bandwidth: Double?) {
        self.name = name
        self.buffer = buffer
        self.bytes = bytes
        self.bandwidth = bandwidth
    }
}
