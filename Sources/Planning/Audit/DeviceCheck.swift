import Checkpoints
import Recipes
import Runtimes
import Tensors

/// What a recipe says of its devices, held against what follows from its model.
struct DeviceCheck {
    /// What differs.
    private(set) var differences: [RecipeDifference] = []

    private let recipe: Recipe
    private let recorded: Recipe.Devices

    /// What every tensor takes, and where those are that may be on any device.
    private struct Assigned {
        var bytes: [String: Int] = [:]
        var moved: [String: Int] = [:]
        /// The largest matrix on the host that may be computed on a device.
        var largestOfHost = 0
    }

    /// Checks the devices of a recipe.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - recorded: Its devices.
    ///   - model: Its model.
    init(_ recipe: Recipe, _ recorded: Recipe.Devices, model: Model) {
        self.recipe = recipe
        self.recorded = recorded
        for place in recorded.places where place.bytesLeft ?? -1 < 0 {
            compare(place.name, "bytes", "\(place.bytes)", "less than what is on it")
        }
        guard let devices = Self.devices(recorded, model) else {
            compare("the devices", "runtime", recorded.runtime, "not one that runs the model so")
            return
        }
        for place in recorded.places {
            // A name that llama.cpp has no device of is the caller's own for a buffer of llama.cpp's.
            let buffer = Device.buffer(of: place.name) ?? Device.buffer(of: place.buffer)
            compare(place.name, "buffer", place.buffer, buffer ?? "one of llama.cpp's")
        }
        let units = recorded.places.reduce(0) { $0 + min($1.units, 1 << 20) }
        // The places of the recipe are the devices' only where the host is the first of them.
        guard devices.devices.map(\.name) == recorded.places.map(\.name), units == devices.unitCount else {
            compare("the devices", "units", "\(units)", "\(devices.unitCount)")
            return
        }
        let places = recorded.places.enumerated().flatMap { [Int](repeating: $0.0, count: $0.1.units) }
        let assigned = assign(to: devices, places, tensors: model.tensors)
        let loads = devices.loads(places: places, tensors: assigned.moved) { assigned.bytes[$0.name] ?? 0 }
        checkLoads(loads, on: devices, largestOfHost: assigned.largestOfHost)
        checkSpeed(devices.speed(of: loads))
        checkBudget()
    }

    /// Puts every tensor where its layer is, and checks that each layer is where it may be.
    private mutating func assign(
        to devices: LlamaCppDevices,
        _ places: [Int],
        tensors: [TensorInfo]
    ) -> Assigned {
        let names = devices.devices.map(\.name)
        let known = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
        var assigned = Assigned()
        for layer in recipe.layers {
            let format = QuantizationFormat(named: layer.format)
            let place = layer.device.flatMap { names.firstIndex(of: $0) }
            var bound: Set<Int> = []
            var isMovable = false
            for name in layer.tensors {
                guard let tensor = known[name] else { continue }
                let own = format?.byteCount(of: tensor) ?? 0
                assigned.bytes[name] = own
                switch devices.home(of: name) {
                case .lookedUp:
                    if let host = devices.devices.firstIndex(where: \.isHost) { bound.insert(host) }
                case .notLoaded: break
                case .bound(let unit): bound.insert(places[unit])
                case .movable:
                    isMovable = true
                    assigned.moved[name] = place
                }
                if devices.mayBeComputedOnHost(name), place.map({ devices.devices[$0].isHost }) ?? false {
                    assigned.largestOfHost = max(assigned.largestOfHost, own)
                }
            }
            if !isMovable {
                let only = bound.count == 1 ? bound.first.map { names[$0] } : nil
                compare(layer.layer, "device", layer.device ?? "none", only ?? "none")
            } else if place == nil {
                let all = "one of \(names.joined(separator: ", "))"
                compare(layer.layer, "device", layer.device ?? "none", all)
            }
        }
        for kept in recipe.kept { assigned.bytes[kept.tensor] = kept.bytes }
        return assigned
    }

    /// Checks what is on every device: weights, cache, and what the runtime takes besides.
    private mutating func checkLoads(
        _ loads: [DeviceLoad],
        on devices: LlamaCppDevices,
        largestOfHost: Int
    ) {
        for (index, place) in recorded.places.enumerated() {
            compare(place.name, "weights", "\(place.weights)", "\(loads[index].weights)")
            compare(place.name, "cache", "\(place.cache)", "\(loads[index].cache)")
            let fromHost = place.claims.first { $0.name == LlamaCppDevices.fromHostName }
            if index == devices.devices.firstIndex(where: { !$0.isHost }),
                fromHost?.bytes ?? 0 < largestOfHost
            {
                compare(
                    place.name,
                    LlamaCppDevices.fromHostName,
                    fromHost.map { "\($0.bytes)" } ?? "none",
                    "at least \(largestOfHost)"
                )
            }
            let claims = devices.claims(of: index, largestHostMatrix: max(0, fromHost?.bytes ?? 0))
            for difference in ClaimCheck(place.claims, claims, of: .llamaCpp).differences {
                compare(place.name, difference.figure, difference.planned, difference.found)
            }
        }
    }

    /// Checks the speed, and that it is the least that was asked for.
    private mutating func checkSpeed(_ speed: Double?) {
        let found = speed.map { "\($0)" } ?? "not known"
        if abs((recorded.speed ?? 0) - (speed ?? 0)) > (recorded.speed ?? 0) * Recipe.Proof.tolerance {
            compare("the devices", "speed", recorded.speed.map { "\($0)" } ?? "not known", found)
        }
        if let asked = recorded.minimumSpeed, speed ?? 0 < asked * (1 - Recipe.Proof.tolerance) {
            compare("the devices", "speed", "at least \(asked)", found)
        }
    }

    /// Checks that the budget is the file and what is left on all devices.
    private mutating func checkBudget() {
        guard case .bytes(let budget) = recipe.limit else { return }
        let left = recorded.places.reduce(recipe.size.bytes) {
            $0.addingReportingOverflow(max(0, $1.bytesLeft ?? 0)).partialValue
        }
        compare("the devices", "budget", "\(budget)", "\(left)")
    }

    private mutating func compare(_ place: String, _ figure: String, _ planned: String, _ found: String) {
        guard planned != found else { return }
        differences.append(RecipeDifference(place: place, figure: figure, planned: planned, found: found))
    }

    /// The recipe's devices with the model on them, or nil where that cannot be.
    private static func devices(_ recorded: Recipe.Devices, _ model: Model) -> LlamaCppDevices? {
        guard let runtime = RuntimeName(rawValue: recorded.runtime), runtime == .llamaCpp,
            var request = recorded.cache.set(in: CardRequest(bytes: 0))
        else { return nil }
        request.runtime = runtime
        request.hasDraft = recorded.places.contains { $0.claims.contains(where: \.isOfDraft) }
        let devices = recorded.places.map {
            Device(name: $0.name, buffer: $0.buffer, bytes: $0.bytes, bandwidth: $0.bandwidth)
        }
        return try? LlamaCppDevices(model, on: devices, request)
    }
}
