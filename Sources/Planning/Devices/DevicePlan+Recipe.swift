import BitAllocation
public import Recipes
import Runtimes

extension DevicePlan {
    /// The bytes of the file and those that are left on the devices.
    public var bytesOfFileAndLeft: Int {
        devices.devices.indices.reduce(plan.bytes) { $0 + max(0, bytesLeft(on: $1)) }
    }

    /// The devices as a recipe records them.
    public var recorded: Recipe.Devices {
        Recipe.Devices(
            runtime: RuntimeName.llamaCpp.rawValue,
            cache: Recipe.Card.Cache(devices.runtime.settings),
            minimumSpeed: minimumSpeed,
            speed: speed,
            places: devices.devices.indices.map { index in
                let device = devices.devices[index]
                return Recipe.Devices.Place(
                    name: device.name,
                    buffer: device.buffer,
                    bytes: device.bytes,
                    bandwidth: device.bandwidth,
                    units: unitPlaces.count { $0 == index },
                    weights: loads[index].weights,
                    cache: loads[index].cache,
                    claims: claims[index].map {
                        Recipe.Card.Claim(
                            name: $0.name,
                            bytes: $0.bytes,
                            basis: Recipe.Card.Basis($0.certainty)
                        )
                    }
                )
            }
        )
    }

    /// The name of the device that a layer is on, or nil for a layer that is on none.
    ///
    /// - Parameter layer: The layer's position in the task.
    /// - Returns: The name.
    public func deviceName(ofLayer layer: Int) -> String? {
        guard layerPlaces.indices.contains(layer) else { return nil }
        return layerPlaces[layer].map { devices.devices[$0].name }
    }
}
