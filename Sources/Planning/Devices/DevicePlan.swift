public import BitAllocation
public import Runtimes

/// A plan that gives every layer a format and a device.
public struct DevicePlan: Sendable {
    /// The formats, with the proof of how good the plan is.
    public internal(set) var plan: AllocationPlan
    /// The devices, and what runs on them.
    public internal(set) var devices: LlamaCppDevices
    /// The place in the devices of each block, and of the output.
    public let unitPlaces: [Int]
    /// The place in the devices of each tensor that may be moved, by its name.
    public let tensorPlaces: [String: Int]
    /// The place of each layer: that of its tensors that may be moved, and without any that of its blocks; nil where those are
    /// several, or none.
    public let layerPlaces: [Int?]
    /// What is on each device.
    public let loads: [DeviceLoad]
    /// What each device gives to anything but weights, keys, values and states.
    public let claims: [[MemoryClaim]]
    /// The tokens per second that were asked for.
    public internal(set) var minimumSpeed: Double?
    /// What a little more of each limit would save, at the prices that give the plan's bound.
    public internal(set) var prices: DevicePrices

    /// The tokens per second that the plan allows at most, or nil where a bandwidth is not known.
    public var speed: Double? { devices.speed(of: loads) }

    /// Whether a block, or a tensor that may be moved, is on the host.
    var usesHost: Bool {
        let host = devices.devices.firstIndex(where: \.isHost)
        return unitPlaces.contains { $0 == host } || tensorPlaces.values.contains { $0 == host }
    }

    /// The bytes of a device that are left.
    public func bytesLeft(on device: Int) -> Int {
        claims[device].reduce(devices.devices[device].bytes - loads[device].weights - loads[device].cache) {
            $0 - $1.bytes
        }
    }

    /// How many matrices on a device belong to blocks that are elsewhere.
    ///
    /// - Parameters:
    ///   - device: The device's place.
    ///   - blocks: The blocks on it.
    /// - Returns: The count.
    public func movedCount(to device: Int, from blocks: Set<Int>) -> Int {
        tensorPlaces.count { tensor, place in
            guard place == device, case .movable(let unit) = devices.home(of: tensor) else { return false }
            return !blocks.contains(unit)
        }
    }

    /// The words that run a finished file as it was planned.
    ///
    /// - Throws: `RuntimeError.unplaceable(tensor:)` where no rule of the runtime's can move a tensor.
    public func command(modelPath: String) throws(RuntimeError) -> [String] {
        try devices.command(modelPath: modelPath, places: unitPlaces, tensors: tensorPlaces)
    }
}
