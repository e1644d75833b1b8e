public import Checkpoints
public import Recipes
import Runtimes
import Tensors

extension Recipe {
    /// Adds up what is on the recipe's devices again, and works out from the model what of it follows from the model.
    ///
    /// What was given, and what other files take, is taken as the recipe says it; what was assumed is what the program assumes, unless
    /// it was given.
    ///
    /// - Parameter model: The recipe's model.
    /// - Returns: What differs; none for a recipe without devices.
    public func deviceDifferences(_ model: Model) -> [RecipeDifference] {
        guard let recorded = devices else { return [] }
        var differences: [RecipeDifference] = []
        func compare(_ place: String, _ figure: String, _ planned: String, _ found: String) {
            guard planned != found else { return }
            differences.append(
                RecipeDifference(place: place, figure: figure, planned: planned, found: found)
            )
        }
        for place in recorded.places {
            let left = place.bytesLeft
            if left == nil || left ?? 0 < 0 {
                compare(place.name, "bytes", "\(place.bytes)", "less than what is on it")
            }
        }
        guard let devices = Self.devices(recorded, model) else {
            compare("the devices", "runtime", recorded.runtime, "not one that runs the model so")
            return differences
        }
        // The places of the recipe are the devices' only where the host is the first of them.
        let names = devices.devices.map(\.name)
        for place in recorded.places {
            // A name that llama.cpp has no device of is the caller's own for a buffer of llama.cpp's.
            let buffer = Device.buffer(of: place.name) ?? Device.buffer(of: place.buffer)
            compare(place.name, "buffer", place.buffer, buffer ?? "one of llama.cpp's")
        }
        let units = recorded.places.reduce(0) { $0 + min($1.units, 1 << 20) }
        guard names == recorded.places.map(\.name), units == devices.unitCount else {
            compare("the devices", "units", "\(units)", "\(devices.unitCount)")
            return differences
        }
        let unitPlaces = recorded.places.enumerated().flatMap { [Int](repeating: $0.0, count: $0.1.units) }
        var bytes: [String: Int] = [:]
        var moved: [String: Int] = [:]
        let tensors = Dictionary(model.tensors.map { ($0.name, $0) }) { first, _ in first }
        var largest = 0
        for layer in layers {
            let format = QuantizationFormat(named: layer.format)
            let place = layer.device.flatMap { names.firstIndex(of: $0) }
            var bound: Set<Int> = []
            var isMovable = false
            for name in layer.tensors {
                guard let tensor = tensors[name] else { continue }
                let own = format?.byteCount(of: tensor) ?? 0
                bytes[name] = own
                switch devices.home(of: name) {
                case .lookedUp:
                    if let host = devices.devices.firstIndex(where: \.isHost) { bound.insert(host) }
                case .notLoaded: break
                case .bound(let unit): bound.insert(unitPlaces[unit])
                case .movable:
                    isMovable = true
                    moved[name] = place
                }
                if devices.mayBeComputedOnHost(name), place.map({ devices.devices[$0].isHost }) ?? false {
                    largest = max(largest, own)
                }
            }
            if !isMovable {
                let only = bound.count == 1 ? bound.first.map { names[$0] } : nil
                compare(layer.layer, "device", layer.device ?? "none", only ?? "none")
            } else if place == nil {
                compare(
                    layer.layer,
                    "device",
                    layer.device ?? "none",
                    "one of \(names.joined(separator: ", "))"
                )
            }
        }
        for kept in kept { bytes[kept.tensor] = kept.bytes }
        let loads = devices.loads(places: unitPlaces, tensors: moved) { bytes[$0.name] ?? 0 }
        for (index, place) in recorded.places.enumerated() {
            compare(place.name, "weights", "\(place.weights)", "\(loads[index].weights)")
            compare(place.name, "cache", "\(place.cache)", "\(loads[index].cache)")
            let fromHost = place.claims.first { $0.name == LlamaCppDevices.fromHostName }
            if index == devices.devices.firstIndex(where: { !$0.isHost }), fromHost?.bytes ?? 0 < largest {
                compare(
                    place.name,
                    LlamaCppDevices.fromHostName,
                    fromHost.map { "\($0.bytes)" } ?? "none",
                    "at least \(largest)"
                )
            }
            let claims = devices.claims(of: index, largestHostMatrix: max(0, fromHost?.bytes ?? 0))
            for difference in ClaimCheck(place.claims, claims, of: .llamaCpp).differences {
                compare(place.name, difference.figure, difference.planned, difference.found)
            }
        }
        let speed = devices.speed(of: loads)
        if abs((recorded.speed ?? 0) - (speed ?? 0)) > (recorded.speed ?? 0) * Proof.tolerance {
            compare(
                "the devices",
                "speed",
                recorded.speed.map { "\($0)" } ?? "not known",
                speed.map { "\($0)" } ?? "not known"
            )
        }
        if let asked = recorded.minimumSpeed, speed ?? 0 < asked * (1 - Proof.tolerance) {
            compare("the devices", "speed", "at least \(asked)", speed.map { "\($0)" } ?? "not known")
        }
        if case .bytes(let budget) = limit {
            let left = recorded.places.reduce(size.bytes) {
                $0.addingReportingOverflow(max(0, $1.bytesLeft ?? 0)).partialValue
            }
            compare("the devices", "budget", "\(budget)", "\(left)")
        }
        return differences
    }

    /// The recipe's devices with the model on them, or nil where that cannot be.
    private static func devices(_ recorded: Devices, _ model: Model) -> LlamaCppDevices? {
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
