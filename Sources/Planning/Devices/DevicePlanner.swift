public import BitAllocation
public import Runtimes
import Tensors

/// Plans a task on several devices.
public struct DevicePlanner: Sendable {
    private var task: PlanningTask
    private var devices: LlamaCppDevices
    private let method: AllocationMethod
    private let timeLimit: Duration
    private let shouldStop: @Sendable () -> Bool
    private let pin: DevicePin?

    /// Creates a planner.
    ///
    /// - Parameters:
    ///   - task: The task with its restrictions; its budget plays no part.
    ///   - devices: The devices.
    ///   - method: What may be used to find plans.
    ///   - pin: A layer that is to be on one device.
    ///   - timeLimit: The time to spend on a plan. It stands for a number of steps, so that the same task has the same plan on every
    ///     machine that makes them in that time.
    ///   - shouldStop: Asked between steps; `true` ends a search with the best plan so far.
    public init(
        _ task: PlanningTask,
        on devices: LlamaCppDevices,
        method: AllocationMethod = .auto,
        pinning pin: DevicePin? = nil,
        timeLimit: Duration = .seconds(10),
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) {
        self.task = task
        self.devices = devices
        self.method = method
        self.timeLimit = timeLimit
        self.shouldStop = shouldStop
        self.pin = pin
    }

    /// Finds a plan.
    ///
    /// - Parameter goal: What it is to be.
    /// - Returns: The plan.
    /// - Throws: ``PlanningError/bandwidthMissing(device:)`` where a goal of speed meets a device without one;
    ///   ``PlanningError/deviceFull(_:bytes:claimed:)``, ``PlanningError/devicesTooSmall(bytes:smallest:)`` and
    ///   ``PlanningError/tooSlow(asked:fastest:)`` where no plan is possible;
    ///   ``PlanningError/noFormatLimitOnDevices``; ``PlanningError/allocation(_:)``.
    public func plan(_ goal: DeviceGoal) throws(PlanningError) -> DevicePlan {
        let clock = StopClock.counting(timeLimit: timeLimit, shouldStop: shouldStop)
        if let plan = try find(goal, clock) { return plan }
        throw try reason(goal, clock)
    }

    /// Finds a plan, if there is one.
    ///
    /// - Parameter goal: What it is to be.
    /// - Returns: The plan, or nil where none is possible.
    /// - Throws: As ``plan(_:)``, except for why none is possible.
    public func find(_ goal: DeviceGoal) throws(PlanningError) -> DevicePlan? {
        try find(goal, StopClock.counting(timeLimit: timeLimit, shouldStop: shouldStop))
    }

    private func find(_ goal: DeviceGoal, _ clock: StopClock) throws(PlanningError) -> DevicePlan? {
        if goal != .leastImpact(minimumSpeed: nil),
            let device = devices.devices.first(where: { $0.bandwidth == nil })
        {
            throw .bandwidthMissing(device: device.name)
        }
        return switch (goal, task.problem.combination) {
        case (.leastImpact, .max): try leastMaximum(goal, clock)
        case (.fastest(let most), .max): try solve(goal, ceiling: most, clock)
        case (.leastImpact, _): try solve(goal, clock.leaving(oneOf: 4)).map { faster($0, clock) }
        default: try solve(goal, clock)
        }
    }

    /// Of plans that are as good as one, the fastest that a moment's search finds; where bandwidths are not known, with usual ones, one that
    /// leaves nothing to the host.
    ///
    /// Of what has to be divided bytes alone do not tell which is faster: single matrices on a card are few bytes less to read from the host,
    /// and two transfers more.
    private func faster(_ plan: DevicePlan, _ clock: StopClock) -> DevicePlan {
        let isKnown = devices.devices.allSatisfy { $0.bandwidth != nil }
        let hasSlower = Set(devices.devices.map(\.isHost)).count == 2
        var planner = self
        planner.devices = devices.withUsualBandwidths
        guard isKnown || hasSlower, let speed = planner.devices.speed(of: plan.loads) else { return plan }
        let own = plan.plan
        // What is not proven is searched no further than closely, and so a plan as close is as good.
        let most =
            own.status == .optimal
            ? own.impact * (1 + AllocationPlan.impactTolerance)
            : max(own.impact, own.bound * (1 + OrderedResourceSearch.closeGap))
        func isFaster(_ found: DevicePlan) -> Bool {
            found.plan.impact <= most && found.speed ?? 0 > speed * (1 + 1e-9)
        }
        func found(_ planner: DevicePlanner, _ goal: DeviceGoal, _ clock: StopClock) -> DevicePlan? {
            let found = try? planner.search(goal, ceiling: .infinity, without: [], clock)?.plan
            return found.flatMap { isFaster($0) ? $0 : nil }
        }
        let fastest = DeviceGoal.fastest(maximumImpact: most)
        let problem = try? planner.problem(fastest, ceiling: .infinity, without: [], task, .loose)
        guard let limit = try? problem?.speedLimit(clock: clock), limit > speed * (1 + 1e-9) else {
            return plan
        }
        // The formats as they are, which leaves the places alone to be found.
        var standing = planner
        standing.task.problem.forbid { layer, option in option != own.choices[layer] }
        var candidates = [
            found(standing, .fastest(maximumImpact: .infinity), clock.share(of: 8)),
            found(planner, fastest, clock.share(of: 4)),
        ].compactMap(\.self)
        // A floor on the speed is more easily kept to than a limit on the impact that hardly leaves a choice.
        for share in [0.8, 0.5, 0.2] where candidates.isEmpty && limit.isFinite {
            let floor = DeviceGoal.leastImpact(minimumSpeed: speed + share * (limit - speed))
            candidates = [found(planner, floor, clock.share(of: 3))].compactMap(\.self)
        }
        guard var found = candidates.max(by: { $0.speed ?? 0 < $1.speed ?? 0 }) else { return plan }
        guard isKnown || !found.usesHost else { return plan }
        found.devices = devices
        found.plan = AllocationPlan(
            choices: found.plan.choices,
            of: task.problem,
            bound: min(own.bound, found.plan.impact),
            status: own.status,
            solver: own.solver,
            ending: own.ending
        )
        found.prices = plan.prices
        found.minimumSpeed = plan.minimumSpeed
        return found
    }

    /// Solves the problem, and where no proof is found in half of the steps, again without some of the cards.
    ///
    /// A problem of fewer cards is searched further in as many steps, and its plan is one of the whole problem, whose bound holds for it.
    private func solve(
        _ goal: DeviceGoal,
        ceiling: Double = .infinity,
        _ clock: StopClock
    ) throws(PlanningError) -> DevicePlan? {
        let cards = devices.devices.indices.filter { !devices.devices[$0].isHost }
        var subsets = cards.count > 1 ? subsets(of: cards) : []
        // What cannot hold a plan is to take no steps from the search of all cards.
        subsets.removeAll { closed in
            (try? problem(goal, ceiling: ceiling, without: closed, task, .loose).isRuledOut(clock: clock))
                ?? true
        }
        guard !subsets.isEmpty else {
            return try search(goal, ceiling: ceiling, without: [], clock)?.plan
        }
        var best: DeviceProblem.Found?
        var bound = 0.0
        do throws(PlanningError) {
            guard let whole = try search(goal, ceiling: ceiling, without: [], clock.share(of: 2)) else {
                return nil
            }
            guard whole.plan.plan.status != .optimal, !whole.isClose else { return whole.plan }
            (best, bound) = (whole, whole.bound)
        } catch {
            guard case .allocation(.limitReached) = error else { throw error }
        }
        while !subsets.isEmpty, !clock.shouldStop() {
            let closed = subsets.removeFirst()
            let found = try? search(
                goal,
                ceiling: ceiling,
                without: closed,
                clock.share(of: subsets.count + 1)
            )
            guard let found, found.cost < best?.cost ?? .infinity else { continue }
            best = found
        }
        guard var best else { throw .allocation(.limitReached) }
        if best.bound != bound {
            let own = best.plan.plan
            best.plan.plan = try DeviceProblem(task, on: devices, goal, ceiling: ceiling).allocation(
                own.choices,
                seconds: own.seconds ?? 0,
                bound: bound,
                status: .feasible,
                solver: own.solver,
                ending: clock.shouldStop() ? .timeLimit : .stateLimit
            )
        }
        return best.plan
    }

    /// The most problems of fewer cards that are tried.
    private static let mostSubsets = 16

    /// The sets of cards to leave empty, the smallest first and never all; of cards that are alike, the last ones.
    private func subsets(of cards: [Int]) -> [Set<Int>] {
        var found: [Set<Int>] = []
        for mask in 1..<(1 << cards.count) - 1 {
            let closed = Set(cards.indices.filter { mask >> $0 & 1 == 1 }.map { cards[$0] })
            let isLast = closed.allSatisfy { card in
                cards.allSatisfy { other in other <= card || closed.contains(other) || !areAlike(card, other)
                }
            }
            if isLast { found.append(closed) }
        }
        return Array(found.sorted { Self.precedes($0, $1) }.prefix(Self.mostSubsets))
    }

    private static func precedes(_ one: Set<Int>, _ other: Set<Int>) -> Bool {
        one.count != other.count
            ? one.count < other.count : one.sorted().lexicographicallyPrecedes(other.sorted())
    }

    private func areAlike(_ one: Int, _ other: Int) -> Bool {
        let (first, second) = (devices.devices[one], devices.devices[other])
        return first.bytes == second.bytes && first.bandwidth == second.bandwidth
    }

    /// Searches for a plan without some of the cards.
    private func search(
        _ goal: DeviceGoal,
        ceiling: Double,
        without closed: Set<Int>,
        _ clock: StopClock
    ) throws(PlanningError) -> DeviceProblem.Found? {
        func own(
            _ task: PlanningTask,
            _ ties: DeviceProblem.Ties
        ) throws(PlanningError) -> DeviceProblem {
            try problem(goal, ceiling: ceiling, without: closed, task, ties)
        }
        guard !task.problem.ties.isEmpty else {
            return try own(task, .loose).solve(method: method, clock: clock)
        }
        return try DeviceTieSearch(task, method: method, clock: clock, make: own).solve()
    }

    /// The problem without some of the cards, of a task that may differ from this one in what it forbids.
    private func problem(
        _ goal: DeviceGoal,
        ceiling: Double,
        without closed: Set<Int>,
        _ task: PlanningTask,
        _ ties: DeviceProblem.Ties
    ) throws(PlanningError) -> DeviceProblem {
        try DeviceProblem(
            task,
            on: devices,
            goal,
            pinning: pin,
            ceiling: ceiling,
            ties: ties,
            without: closed
        )
    }

    /// The plan whose worst layer is the least, and of those the one of least sum: the least impact is sought that, as the most
    /// for all layers, still leaves a plan.
    private func leastMaximum(_ goal: DeviceGoal, _ clock: StopClock) throws(PlanningError) -> DevicePlan? {
        let problem = task.problem
        let allowed = problem.optionImpact.indices.filter { problem.isAllowed?[$0] ?? true }
        let impacts = Set(allowed.map { problem.optionImpact[$0] }).sorted()
        var (low, high) = (0, impacts.count - 1)
        // What is not found in time may be there: the bound goes no higher than what is proven to be too low.
        var tooLow = -1
        var best: DevicePlan?
        guard let last = impacts.last, let widest = try solve(goal, ceiling: last, clock.share(of: 2)) else {
            return nil
        }
        best = widest
        while low < high {
            let middle = (low + high) / 2
            var found: DevicePlan?
            var isProven = true
            do throws(PlanningError) {
                found = try solve(goal, ceiling: impacts[middle], clock.share(of: 2))
            } catch .allocation(.limitReached) {
                isProven = false
            }
            if let found {
                best = found
                high = middle
            } else {
                if isProven { tooLow = middle }
                low = middle + 1
            }
        }
        guard let best else { return nil }
        let isProven = tooLow + 1 == high
        let bound = isProven ? best.plan.impact : min(best.plan.impact, impacts[min(tooLow + 1, high)])
        return DevicePlan(
            plan: AllocationPlan(
                choices: best.plan.choices,
                of: problem,
                bound: bound,
                status: isProven ? .optimal : .feasible,
                solver: best.plan.solver,
                ending: isProven ? .proven : .timeLimit
            ),
            devices: devices,
            unitPlaces: best.unitPlaces,
            tensorPlaces: best.tensorPlaces,
            layerPlaces: best.layerPlaces,
            loads: best.loads,
            claims: best.claims,
            minimumSpeed: best.minimumSpeed,
            prices: best.prices
        )
    }

    /// Why there is no plan.
    private func reason(_ goal: DeviceGoal, _ clock: StopClock) throws(PlanningError) -> PlanningError {
        let problem = task.problem
        let least = problem.combination.total(
            (0..<problem.layerCount).map { layer in
                problem.allowedOptions(ofLayer: layer).reduce(.infinity) { min($0, problem.optionImpact[$1]) }
            }
        )
        if case .fastest(let most) = goal, least > most {
            return .allocation(.impactOutOfReach(most, least: least))
        }
        if case .fastest(let most) = goal, most.isFinite,
            let reached = try? find(.leastImpact(minimumSpeed: nil), clock)?.plan, reached.bound > most
        {
            return .allocation(.impactOutOfReach(most, least: reached.bound))
        }
        let own = try self.problem(goal, ceiling: .infinity, without: [], task, .loose)
        if let output = try own.outputBeyondCards() {
            return .outputFitsNoCard(bytes: output.bytes, room: output.room)
        }
        if case .leastImpact(let asked?) = goal,
            let fastest = try solve(.fastest(maximumImpact: .infinity), clock)?.speed
        {
            return .tooSlow(asked: asked, fastest: fastest)
        }
        let smallest = (0..<problem.layerCount).reduce(0) { total, layer in
            total + (problem.allowedOptions(ofLayer: layer).map { problem.optionBytes[$0] }.min() ?? 0)
        }
        return .devicesTooSmall(
            bytes: devices.devices.reduce(0) { $0 + $1.bytes },
            smallest: smallest + task.keptBytes
        )
    }
}
