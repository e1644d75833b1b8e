/// A layer that is to be on one device, whatever else a plan does.
public struct DevicePin: Hashable, Sendable {
    /// The layer's index in the task.
    public let layer: Int
    /// The device's place in the devices.
    public let device: Int

    /// Creates a pin.
    public init(layer: Int, to device: Int) {
        self.layer = layer
        self.device = device
    }
}
