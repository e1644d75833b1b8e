import BitAllocation
import Runtimes
import Tensors

/// A task on several devices as a problem with limits: the bytes of each device, and where they are asked for the time per
/// token, the second budget and the impact.
struct DeviceProblem {
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

    let task: PlanningTask
    let devices: LlamaCppDevices
    let goal: DeviceGoal
    let ties: Ties
    /// Devices that nothing is put on.
    let closed: Set<Int>
    /// A layer that is to be on one device.
    let pin: DevicePin?
    let limits: [Double]
    let formats: [QuantizationFormat?]
    let host: Int?
    let hasCards: Bool
    /// The card that gives room to the largest of the host's matrices.
    let receiver: Int?
    /// What costs are multiplied by.
    let scale: Double
    /// What seconds are multiplied by where they are the cost.
    private static let timeScale = 1e3
    /// The dearest impact that an option may have.
    let ceiling: Double
    /// The resources, by their places among the limits, of what is limited besides bytes; nil where it is not.
    let timeResource: Int?
    let secondResource: Int?
    let impactResource: Int?

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
        var placement = Placement(chosen, unitPlaces, of: self)
        placement.bringHome()
        placement.exchange()
        return Found(plan: plan(of: placement, found), cost: found.cost, bound: found.bound)
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
    private func plan(of placement: Placement, _ found: OrderedResourcePlan) -> DevicePlan {
        let loads = placement.loads
        let copied = placement.largestHostMatrix
        var minimumSpeed: Double?
        if case .leastImpact(let speed) = goal { minimumSpeed = speed }
        return DevicePlan(
            plan: allocation(
                placement.choices,
                seconds: devices.speed(of: loads).map { 1 / $0 } ?? 0,
                bound: found.bound,
                status: found.status,
                solver: found.solver,
                ending: found.ending
            ),
            devices: devices,
            unitPlaces: placement.unitPlaces,
            tensorPlaces: placement.tensorPlaces,
            layerPlaces: placement.layerPlaces,
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
