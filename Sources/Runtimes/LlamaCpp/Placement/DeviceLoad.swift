/// What a placement puts on a device.
public struct DeviceLoad: Hashable, Sendable {
    /// The bytes of its weights.
    public var weights = 0
    /// The bytes of its keys, values and states.
    public var cache = 0
    /// The bytes that are read of it for a token.
    public var readBytes = 0.0

    /// Creates an empty load.
    public init() {}

    mutating func add(weights bytes: Int, read: Double) {
        weights = sum(weights, bytes)
        readBytes += read
    }
}
