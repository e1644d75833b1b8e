import BitAllocation
import Runtimes
import Tensors

/// What a group costs and takes on the devices, per format and device.
extension DeviceProblem {
    /// An option of a group on the devices.
    struct Placed {
        /// Which of the group's choices.
        let choice: Int
        /// Where its movable tensors are.
        let device: Int
        let option: ResourceProblem.Option
    }

    /// Bytes and what of them is read for a token.
    struct Bytes {
        var all = 0.0
        var read = 0.0
        /// The largest matrix that is multiplied where it is.
        var largest = 0.0
    }

    /// What is on devices whatever the formats: kept tensors and the cache, by unit; and the host's tables of words.
    func fixed() -> (units: [Bytes], host: Bytes) {
        var units = (0..<devices.unitCount).map {
            Bytes(all: Double(devices.cacheBytes(ofUnit: $0)), read: devices.readCacheBytes(ofUnit: $0))
        }
        var host = Bytes()
        for kept in task.model.kept {
            let own = Double(kept.bytes)
            let read = own * devices.readShare(of: kept.tensor)
            switch devices.home(of: kept.tensor.name) {
            case .notLoaded: break
            case .lookedUp:
                host.all += own
                host.read += read
            case .bound(let unit), .movable(let unit):
                units[unit].all += own
                units[unit].read += read
                if kept.tensor.dimensionCount > 1, devices.mayBeComputedOnHost(kept.tensor.name) {
                    units[unit].largest = max(units[unit].largest, own)
                }
                if devices.isOnHostToo(kept.tensor.name) {
                    host.all += own
                    host.read += own / Double(max(1, kept.tensor.rowCount))
                }
            }
        }
        return (units, host)
    }

    func add(_ bytes: Bytes, on device: Int, to option: inout ResourceProblem.Option) {
        option.uses[device] += bytes.all
        guard let bandwidth = devices.devices[device].bandwidth else { return }
        let seconds = bytes.read / bandwidth
        if let timeResource { option.uses[timeResource] += seconds }
        if case .fastest = goal { option.cost += seconds * scale }
    }

    /// Adds what is on the host whatever the plan; where the host is no device, it has room enough.
    func add(_ bytes: Bytes, to option: inout ResourceProblem.Option) {
        if let host { add(bytes, on: host, to: &option) }
    }

    /// The options of a group whose bound tensors are on a place, those left out that another beats.
    func placed(_ group: Group, at place: Int) -> [Placed] {
        var all: [Placed] = []
        let pinned = pin.flatMap { group.layers.contains($0.layer) ? $0.device : nil }
        for device in group.isMovable ? Array(devices.devices.indices) : [place]
        where (pinned ?? device == device && !closed.contains(device)) || !group.isPlaced {
            var own: [Placed] = []
            for choice in group.choices.indices {
                let option = option(group, choice, at: place, movingTo: device)
                own.append(Placed(choice: choice, device: device, option: option))
            }
            for (index, candidate) in own.enumerated() {
                let isBeaten = own.enumerated().contains { other, rival in
                    other != index && Self.beats(rival.option, candidate.option, isFirst: other < index)
                }
                if !isBeaten { all.append(candidate) }
            }
        }
        return all
    }

    private static func beats(
        _ first: ResourceProblem.Option,
        _ second: ResourceProblem.Option,
        isFirst: Bool
    ) -> Bool {
        guard first.cost <= second.cost, first.peak <= second.peak else { return false }
        var isLess = first.cost < second.cost || first.peak < second.peak
        for (one, other) in zip(first.uses, second.uses) {
            guard one <= other else { return false }
            if one < other { isLess = true }
        }
        return isLess || isFirst
    }

    /// A group in a format, its bound tensors on a place and its movable ones on a device.
    private func option(
        _ group: Group,
        _ choice: Int,
        at place: Int,
        movingTo device: Int
    ) -> ResourceProblem.Option {
        let problem = task.problem
        var result = ResourceProblem.Option(cost: 0, uses: [Double](repeating: 0, count: limits.count))
        for (layer, option) in zip(group.layers, group.choices[choice]) {
            let format = formats[Int(problem.optionFormat[option])]
            for tensor in task.model.layers[layer].tensors {
                let own = format?.byteCount(of: tensor) ?? 0
                let bytes = Bytes(all: Double(own), read: Double(own) * devices.readShare(of: tensor))
                let target: Int
                switch devices.home(of: tensor.name) {
                case .notLoaded: continue
                case .lookedUp:
                    add(bytes, to: &result)
                    continue
                case .bound: target = place
                case .movable: target = device
                }
                if target == host, hasCards, devices.mayBeComputedOnHost(tensor.name) {
                    result.peak = max(result.peak, Double(own))
                }
                add(bytes, on: target, to: &result)
                if devices.isOnHostToo(tensor.name) {
                    add(
                        Bytes(all: Double(own), read: Double(own) / Double(max(1, tensor.rowCount))),
                        to: &result
                    )
                }
            }
            let impact = problem.optionImpact[option]
            let term = problem.combination == .rss ? impact * impact : impact
            if case .leastImpact = goal { result.cost += term * scale }
            if let impactResource { result.uses[impactResource] += term }
            if let secondResource { result.uses[secondResource] += problem.secondBudget?.cost[option] ?? 0 }
        }
        return result
    }
}
