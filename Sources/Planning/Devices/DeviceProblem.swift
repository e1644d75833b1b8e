import BitAllocation
import Runtimes
import Tensors

/// A task on several devices as a problem with limits: the bytes of each device, and where they are asked for the time per
/// token, the second budget and the impact.
struct DeviceProblem {
    /// Layers that take one format together: one, or those of a tie where ties are welded.
    private struct Group {
        let layers: [Int]
        /// The option of each layer, per format.
        var choices: [[Int]] = []
        /// The row's units that tensors of it are bound to.
        var units: ClosedRange<Int>?
        /// Whether tensors of it may be moved.
        var isMovable = false
        /// Whether it is put on devices at all.
        var isPlaced: Bool { isMovable || units != nil }
    }

    /// An option of a group on the devices.
    private struct Placed {
        /// Which of the group's choices.
        let choice: Int
        /// Where its movable tensors are.
        let device: Int
        let option: ResourceProblem.Option
    }

    /// What was found, with its figures as the search has them.
    struct Found {
        var plan: DevicePlan
        let cost: Double
        /// A proven lower limit on the cost of any plan.
        let bound: Double

        /// Whether the search was content with it, as its problem has many options.
        var isClose: Bool {
            plan.plan.ending != .timeLimit && plan.plan.ending != .stopped
                && cost - bound <= OrderedResourceSearch.closeGap * cost
        }
    }

    private let task: PlanningTask
    private let devices: LlamaCppDevices
    private let goal: DeviceGoal
    private let ties: Ties
    /// Devices that nothing is put on.
    private let closed: Set<Int>
    /// A layer that is to be on one device.
    private let pin: DevicePin?
    private let limits: [Double]
    private let formats: [QuantizationFormat?]
    private let host: Int?
    private let hasCards: Bool
    /// The card that gives room to the largest of the host's matrices.
    private let receiver: Int?
    /// What costs are multiplied by.
    let scale: Double
    /// What seconds are multiplied by where they are the cost.
    private static let timeScale = 1e3
    /// The dearest impact that an option may have.
    private let ceiling: Double
    private let timeResource: Int?
    private let secondResource: Int?
    private let impactResource: Int?

    /// Creates the problem of a goal.
    ///
    /// - Parameters:
    ///   - task: The task with its restrictions; its budget plays no part.
    ///   - devices: The devices.
    ///   - goal: What the plan is to be.
    ///   - pin: A layer that is to be on one device.
    ///   - ceiling: The dearest impact that an option may have.
    ///   - ties: What becomes of layers that are tied.
    ///   - closed: Cards that nothing is put on, though there is room: every plan without them is one with them.
    /// - Throws: ``PlanningError/deviceFull(_:bytes:claimed:)``, and ``PlanningError/noFormatLimitOnDevices``.
    init(
        _ task: PlanningTask,
        on devices: LlamaCppDevices,
        _ goal: DeviceGoal,
        pinning pin: DevicePin? = nil,
        ceiling: Double = .infinity,
        ties: Ties = .loose,
        without closed: Set<Int> = []
    ) throws(PlanningError) {
        guard task.problem.formatLimit == nil else { throw .noFormatLimitOnDevices }
        self.task = task
        self.ties = ties
        self.closed = closed
        self.devices = devices
        self.goal = goal
        self.pin = pin
        self.ceiling = ceiling
        let problem = task.problem
        formats = problem.formatNames.map { QuantizationFormat(named: $0) }
        host = devices.devices.firstIndex(where: \.isHost)
        hasCards = devices.devices.contains { !$0.isHost }
        receiver = host == nil ? nil : devices.devices.firstIndex { !$0.isHost }
        var limits: [Double] = []
        for (index, device) in devices.devices.enumerated() {
            let claimed = devices.claims(of: index, largestHostMatrix: 0).reduce(0) { $0 + $1.bytes }
            guard claimed < device.bytes else {
                throw .deviceFull(device.name, bytes: device.bytes, claimed: claimed)
            }
            limits.append(Double(device.bytes - claimed))
        }
        var time: Int?
        var second: Int?
        var impact: Int?
        if case .leastImpact(let speed?) = goal {
            time = limits.count
            limits.append(1 / speed)
        }
        if let budget = problem.secondBudget {
            second = limits.count
            limits.append(budget.limit)
        }
        if case .fastest(let most) = goal, most.isFinite, problem.combination != .max {
            impact = limits.count
            limits.append(problem.combination == .rss ? most * most : most)
        }
        (timeResource, secondResource, impactResource) = (time, second, impact)
        self.limits = limits
        if case .fastest = goal {
            scale = Self.timeScale
        } else {
            let dearest = problem.optionImpact.reduce(0, max)
            scale = dearest > 0 ? 1 / (problem.combination == .rss ? dearest * dearest : dearest) : 1
        }
    }

    /// What becomes of layers that are tied.
    enum Ties {
        /// They take one format and are on one device, and so are the blocks between them.
        case welded
        /// They are like other layers.
        case loose
    }

    /// The problem as numbers, and what its numbers stand for.
    private struct Numbers {
        let groups: [Group]
        /// The groups whose layers may be on any device, and the options of each.
        let free: [Int]
        let freeOptions: [[Placed]]
        /// The unit that each unit's segment begins with, and the segments by their first units.
        let firstUnit: [Int]
        let segments: [Int]
        /// The groups of a segment, by its first unit, and their options by segment and place.
        let bound: [Int: [Int]]
        let boundOptions: [[[[Placed]]]]
        let ordered: OrderedResourceProblem
    }

    /// Whether no plan keeps to the limits, as far as prices tell, without a search.
    ///
    /// - Parameter clock: Ends the look early.
    /// - Returns: `false` where there may be one.
    /// - Throws: ``PlanningError/allocation(_:)``.
    func isRuledOut(clock: StopClock) throws(PlanningError) -> Bool {
        guard let numbers = try numbers() else { return true }
        return OrderedResourceSearch(numbers.ordered).isRuledOut(clock: clock)
    }

    /// A speed that no plan is above, in tokens per second, where the fastest is sought; as prices tell, without a search.
    ///
    /// - Parameter clock: Ends the look early.
    /// - Returns: The speed; 0 where no plan keeps to the limits, infinite where none is known.
    /// - Throws: ``PlanningError/allocation(_:)``.
    func speedLimit(clock: StopClock) throws(PlanningError) -> Double {
        guard let numbers = try numbers() else { return 0 }
        let seconds = OrderedResourceSearch(numbers.ordered).leastCost(clock: clock) / Self.timeScale
        return seconds > 0 ? 1 / seconds : .infinity
    }

    /// What the output takes at least, in bytes, and what the roomiest card has for it, where no card holds it: it goes to none
    /// but a card where there is one.
    ///
    /// - Returns: Both, or nil where a card holds it.
    /// - Throws: ``PlanningError/allocation(_:)``.
    func outputBeyondCards() throws(PlanningError) -> (bytes: Int, room: Int)? {
        guard hasCards, let numbers = try numbers(), let first = numbers.segments.last else { return nil }
        let units = numbers.firstUnit.indices.filter { numbers.firstUnit[$0] == first }
        let standing = fixed().units
        var least = Double.infinity
        var room = 0.0
        for card in devices.devices.indices where card != host {
            let bytes = numbers.boundOptions[numbers.segments.count - 1][card].reduce(
                units.reduce(0) { $0 + standing[$1].all }
            ) { total, options in
                total + options.reduce(.infinity) { min($0, $1.option.uses[card]) }
            }
            guard bytes > limits[card] else { return nil }
            least = min(least, bytes)
            room = max(room, limits[card])
        }
        return least.isFinite ? (Int(least), Int(room)) : nil
    }

    /// Solves the problem.
    ///
    /// - Returns: The plan, or nil where none keeps to the limits.
    /// - Throws: ``PlanningError/allocation(_:)``, with `AllocationError.limitReached` where the search ended with neither.
    func solve(method: AllocationMethod, clock: StopClock) throws(PlanningError) -> Found? {
        guard let numbers = try numbers() else { return nil }
        let found: OrderedResourcePlan
        switch OrderedResourceSearch(numbers.ordered, method: method).solve(clock: clock) {
        case .plan(let plan): found = plan
        case .infeasible: return nil
        case .unknown: throw .allocation(.limitReached)
        }
        var chosen: [(Group, Placed)] = []
        for (place, group) in numbers.free.enumerated() {
            chosen.append((numbers.groups[group], numbers.freeOptions[place][found.freeChoices[place]]))
        }
        for (segment, first) in numbers.segments.enumerated() {
            for (place, group) in (numbers.bound[first] ?? []).enumerated() {
                let options = numbers.boundOptions[segment][found.places[segment]][place]
                chosen.append((numbers.groups[group], options[found.segmentChoices[segment][place]]))
            }
        }
        var unitPlaces = [Int](repeating: 0, count: devices.unitCount)
        for unit in unitPlaces.indices {
            unitPlaces[unit] =
                numbers.segments.firstIndex(of: numbers.firstUnit[unit]).map { found.places[$0] } ?? 0
        }
        return Found(plan: plan(chosen, unitPlaces, found), cost: found.cost, bound: found.bound)
    }

    /// The problem as numbers; nil where some layer or segment has no place.
    private func numbers() throws(PlanningError) -> Numbers? {
        let groups = try groups()
        var free: [Int] = []
        var bound: [Int: [Int]] = [:]
        // The units that a layer or a tie binds together are one segment.
        var firstUnit = Array(0..<devices.unitCount)
        for units in groups.compactMap(\.units) {
            for unit in units.dropFirst() { firstUnit[unit] = -1 }
        }
        for unit in firstUnit.indices.dropFirst() where firstUnit[unit] < 0 {
            firstUnit[unit] = firstUnit[unit - 1]
        }
        let segments = Array(Set(firstUnit)).sorted()
        for (index, group) in groups.enumerated() {
            if let units = group.units {
                bound[firstUnit[units.lowerBound], default: []].append(index)
            } else {
                free.append(index)
            }
        }
        let fixed = fixed()
        let nothing = ResourceProblem.Option(cost: 0, uses: [Double](repeating: 0, count: limits.count))
        let freeOptions = free.map { placed(groups[$0], at: 0) }
        var places: [[OrderedResourceProblem.Place]] = []
        var boundOptions: [[[[Placed]]]] = []
        for first in segments {
            let units = firstUnit.indices.filter { firstUnit[$0] == first }
            var own: [OrderedResourceProblem.Place] = []
            var options: [[[Placed]]] = []
            var hasPlace = false
            for place in devices.devices.indices {
                let layers = (bound[first] ?? []).map { placed(groups[$0], at: place) }
                var standing = ResourceProblem.Option(
                    cost: 0,
                    uses: [Double](repeating: 0, count: limits.count)
                )
                for unit in units {
                    add(fixed.units[unit], on: place, to: &standing)
                    if place == host, hasCards {
                        standing.peak = max(standing.peak, fixed.units[unit].largest)
                    }
                }
                if first == 0 { add(fixed.host, to: &standing) }
                // The output is on a card where there is one, as its matrix is the largest of all; and no block is where one of
                // its layers has no format.
                let isOutputOnHost = place == host && hasCards && units.contains(devices.unitCount - 1)
                let isOpen = !closed.contains(place) && !isOutputOnHost && layers.allSatisfy { !$0.isEmpty }
                hasPlace = hasPlace || isOpen
                own.append(
                    .init(
                        cost: standing.cost,
                        uses: standing.uses,
                        peak: standing.peak,
                        layers: layers.map { isOpen ? $0.map(\.option) : [nothing] },
                        isOpen: isOpen
                    )
                )
                options.append(layers)
            }
            guard hasPlace else { return nil }
            places.append(own)
            boundOptions.append(options)
        }
        guard freeOptions.allSatisfy({ !$0.isEmpty }) else { return nil }
        do throws(AllocationError) {
            return Numbers(
                groups: groups,
                free: free,
                freeOptions: freeOptions,
                firstUnit: firstUnit,
                segments: segments,
                bound: bound,
                boundOptions: boundOptions,
                ordered: try OrderedResourceProblem(
                    free: freeOptions.map { $0.map(\.option) },
                    segments: places,
                    limits: limits,
                    peakResource: receiver
                )
            )
        } catch {
            throw .allocation(error)
        }
    }

    /// The layers, and ties as one where they are welded.
    private func groups() throws(PlanningError) -> [Group] {
        let problem = task.problem
        var tie: [Int: [Int]] = [:]
        let welded = ties == .welded ? problem.ties : []
        for layers in welded { tie[layers[0]] = layers }
        let behind = Set(welded.flatMap { $0.dropFirst() })
        var groups: [Group] = []
        for layer in 0..<problem.layerCount where !behind.contains(layer) {
            var group = Group(layers: tie[layer] ?? [layer])
            for option in problem.allowedOptions(ofLayer: layer) where problem.optionImpact[option] <= ceiling
            {
                let format = problem.optionFormat[option]
                var own = [option]
                for other in group.layers.dropFirst() {
                    let same = problem.allowedOptions(ofLayer: other).filter {
                        problem.optionFormat[$0] == format && problem.optionImpact[$0] <= ceiling
                    }
                    guard let least = same.min(by: { problem.optionImpact[$0] < problem.optionImpact[$1] })
                    else {
                        break
                    }
                    own.append(least)
                }
                guard own.count == group.layers.count else { continue }
                guard formats[Int(format)] != nil else {
                    throw .allocation(
                        .invalidProblem(
                            "the size of \(problem.formatNames[Int(format)]) is not known, so its tensors cannot be put on devices"
                        )
                    )
                }
                group.choices.append(own)
            }
            for tensor in group.layers.flatMap({ task.model.layers[$0].tensors }) {
                switch devices.home(of: tensor.name) {
                case .lookedUp, .notLoaded: break
                case .movable: group.isMovable = true
                case .bound(let unit):
                    let before = group.units ?? unit...unit
                    group.units = min(before.lowerBound, unit)...max(before.upperBound, unit)
                }
            }
            groups.append(group)
        }
        return groups
    }

    /// Bytes and what of them is read for a token.
    private struct Bytes {
        var all = 0.0
        var read = 0.0
        /// The largest matrix that is multiplied where it is.
        var largest = 0.0
    }

    /// What is on devices whatever the formats: kept tensors and the cache, by unit; and the host's tables of words.
    private func fixed() -> (units: [Bytes], host: Bytes) {
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

    private func add(_ bytes: Bytes, on device: Int, to option: inout ResourceProblem.Option) {
        option.uses[device] += bytes.all
        guard let bandwidth = devices.devices[device].bandwidth else { return }
        let seconds = bytes.read / bandwidth
        if let timeResource { option.uses[timeResource] += seconds }
        if case .fastest = goal { option.cost += seconds * scale }
    }

    /// Adds what is on the host whatever the plan; where the host is no device, it has room enough.
    private func add(_ bytes: Bytes, to option: inout ResourceProblem.Option) {
        if let host { add(bytes, on: host, to: &option) }
    }

    /// The options of a group whose bound tensors are on a place, those left out that another beats.
    private func placed(_ group: Group, at place: Int) -> [Placed] {
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

    /// Moves the tensors of a group to their block's device where there is room and nothing gets slower: a plan is as good so, and
    /// a block is better whole.
    private func bringHome(
        _ group: Group,
        from device: Int,
        _ unitPlaces: [Int],
        _ bytes: [String: Int],
        largestHostMatrix: Int,
        _ tensorPlaces: inout [String: Int],
        _ loads: inout [DeviceLoad]
    ) {
        guard let home = home(of: group, unitPlaces), home != device else { return }
        let tensors = group.layers.flatMap { task.model.layers[$0].tensors }
        let sizes = tensors.map { bytes[$0.name] ?? 0 }
        let all = sizes.reduce(0, +)
        if home == host, hasCards, sizes.contains(where: { $0 > largestHostMatrix }) { return }
        let copied = home == receiver ? largestHostMatrix : 0
        guard Double(loads[home].weights + loads[home].cache + all + copied) <= limits[home] else { return }
        // Read from a device that is no slower.
        switch (devices.devices[home].bandwidth, devices.devices[device].bandwidth) {
        case (let new?, let old?) where new < old: return
        case (nil, _), (_, nil): if devices.devices[home].isHost { return }
        default: break
        }
        for tensor in tensors { tensorPlaces[tensor.name] = home }
        loads[home].weights += all
        loads[device].weights -= all
    }

    /// The one device of the blocks that a group's tensors belong to; nil where those are several, or it is to be on a device.
    private func home(of group: Group, _ unitPlaces: [Int]) -> Int? {
        guard !group.layers.contains(where: { $0 == pin?.layer }) else { return nil }
        var homes: Set<Int> = []
        for tensor in group.layers.flatMap({ task.model.layers[$0].tensors }) {
            guard case .movable(let unit) = devices.home(of: tensor.name) else { return nil }
            homes.insert(unitPlaces[unit])
        }
        return homes.count == 1 ? homes.first : nil
    }

    /// Exchanges the tensors of groups that take the same of their devices, so that more of them are on their block's.
    private func exchange(
        _ groups: [Group],
        _ unitPlaces: [Int],
        _ bytes: [String: Int],
        _ tensorPlaces: inout [String: Int]
    ) {
        var parts: [(names: [String], part: HomeExchange.Part)] = []
        for group in groups {
            let tensors = group.layers.flatMap { task.model.layers[$0].tensors }
            guard let home = home(of: group, unitPlaces),
                let device = tensors.first.flatMap({ tensorPlaces[$0.name] }), device != home
            else { continue }
            let read = tensors.reduce(0) { $0 + Double(bytes[$1.name] ?? 0) * devices.readShare(of: $1) }
            let part = HomeExchange.Part(
                device: device,
                home: home,
                bytes: tensors.map { bytes[$0.name] ?? 0 }.sorted(),
                read: read
            )
            parts.append((tensors.map(\.name), part))
        }
        for (device, (names, _)) in zip(HomeExchange.devices(of: parts.map(\.part)), parts) {
            for name in names { tensorPlaces[name] = device }
        }
    }

    /// The bytes of the largest matrix on the host that a batch takes to a card; 0 where there is none.
    private func largestHostMatrix(
        _ unitPlaces: [Int],
        _ tensorPlaces: [String: Int],
        _ bytes: [String: Int]
    ) -> Int {
        guard let host, hasCards else { return 0 }
        let tensors =
            task.model.layers.flatMap(\.tensors)
            + task.model.kept.map(\.tensor).filter { $0.dimensionCount > 1 }
        return tensors.reduce(0) { largest, tensor in
            guard devices.mayBeComputedOnHost(tensor.name) else { return largest }
            let place: Int? =
                switch devices.home(of: tensor.name) {
                case .bound(let unit): unitPlaces[unit]
                case .movable(let unit): tensorPlaces[tensor.name] ?? unitPlaces[unit]
                case .lookedUp, .notLoaded: nil
                }
            return place == host ? max(largest, bytes[tensor.name] ?? 0) : largest
        }
    }

    /// The formats of a plan with what is known of how good it is, in the task's own figures.
    ///
    /// - Parameters:
    ///   - choices: The index of the chosen option, per layer.
    ///   - seconds: The time per token.
    ///   - bound: A proven lower limit on the cost of any plan, as the search has it.
    ///   - status: How much is known about the plan.
    ///   - solver: What found it.
    ///   - ending: Why the search ended.
    /// - Returns: The plan.
    func allocation(
        _ choices: [Int],
        seconds: Double,
        bound: Double,
        status: AllocationPlan.Status,
        solver: AllocationPlan.Solver,
        ending: AllocationPlan.Ending
    ) -> AllocationPlan {
        let problem = task.problem
        let bound = bound / scale
        switch goal {
        case .leastImpact:
            let impact = problem.impact(ofChoices: choices)
            let own = problem.combination == .rss ? bound.squareRoot() : bound
            return AllocationPlan(
                choices: choices,
                of: problem,
                bound: status == .optimal ? max(own, impact * (1 - 1e-12)) : min(own, impact),
                status: status,
                solver: solver,
                ending: ending
            )
        case .fastest:
            return AllocationPlan(
                choices: choices,
                of: problem,
                objective: .time,
                bound: min(bound, seconds),
                status: status,
                solver: solver,
                ending: ending,
                seconds: seconds
            )
        }
    }

    /// What was found, in the task's own figures.
    private func plan(
        _ chosen: [(group: Group, placed: Placed)],
        _ unitPlaces: [Int],
        _ found: OrderedResourcePlan
    ) -> DevicePlan {
        let problem = task.problem
        var choices = [Int](repeating: 0, count: problem.layerCount)
        var tensorPlaces: [String: Int] = [:]
        var layerPlaces = [Int?](repeating: nil, count: problem.layerCount)
        var bytes: [String: Int] = [:]
        for (group, placed) in chosen {
            for (layer, option) in zip(group.layers, group.choices[placed.choice]) {
                choices[layer] = option
                let format = formats[Int(problem.optionFormat[option])]
                var places: Set<Int> = []
                var moved: Int?
                for tensor in task.model.layers[layer].tensors {
                    bytes[tensor.name] = format?.byteCount(of: tensor) ?? 0
                    switch devices.home(of: tensor.name) {
                    case .notLoaded: break
                    case .lookedUp: if let host { places.insert(host) }
                    case .bound(let unit): places.insert(unitPlaces[unit])
                    case .movable:
                        tensorPlaces[tensor.name] = placed.device
                        moved = placed.device
                    }
                }
                layerPlaces[layer] = moved ?? (places.count == 1 ? places.first : nil)
            }
        }
        for kept in task.model.kept { bytes[kept.tensor.name] = kept.bytes }
        let largestHostMatrix = largestHostMatrix(unitPlaces, tensorPlaces, bytes)
        var loads = devices.loads(places: unitPlaces, tensors: tensorPlaces) { bytes[$0.name] ?? 0 }
        for (group, placed) in chosen where group.isMovable && group.units == nil {
            bringHome(
                group,
                from: placed.device,
                unitPlaces,
                bytes,
                largestHostMatrix: largestHostMatrix,
                &tensorPlaces,
                &loads
            )
        }
        let movable = chosen.map(\.group).filter { $0.isMovable && $0.units == nil }
        exchange(movable, unitPlaces, bytes, &tensorPlaces)
        for group in movable {
            for layer in group.layers {
                let own = task.model.layers[layer].tensors.compactMap { tensorPlaces[$0.name] }
                layerPlaces[layer] = Set(own).count == 1 ? own.first : layerPlaces[layer]
            }
        }
        loads = devices.loads(places: unitPlaces, tensors: tensorPlaces) { bytes[$0.name] ?? 0 }
        let copied = self.largestHostMatrix(unitPlaces, tensorPlaces, bytes)
        var minimumSpeed: Double?
        if case .leastImpact(let speed) = goal { minimumSpeed = speed }
        return DevicePlan(
            plan: allocation(
                choices,
                seconds: devices.speed(of: loads).map { 1 / $0 } ?? 0,
                bound: found.bound,
                status: found.status,
                solver: found.solver,
                ending: found.ending
            ),
            devices: devices,
            unitPlaces: unitPlaces,
            tensorPlaces: tensorPlaces,
            layerPlaces: layerPlaces,
            loads: loads,
            claims: devices.devices.indices.map { devices.claims(of: $0, largestHostMatrix: copied) },
            minimumSpeed: minimumSpeed,
            prices: DevicePrices(
                perByte: devices.devices.indices.map { found.prices[$0] / scale },
                perSecond: timeResource.map { found.prices[$0] / scale }
            )
        )
    }
}
