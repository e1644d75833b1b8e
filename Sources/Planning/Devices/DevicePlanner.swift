public import BitAllocation
public import Runtimes
import Tensors

/// Plans a task on several devices.
public struct DevicePlanner: Sendable {
    private let task: PlanningTask
    private let devices: LlamaCppDevices
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
    ///   - timeLimit: The time to spend on a plan.
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
        let clock = StopClock(timeLimit: timeLimit, shouldStop: shouldStop)
        if let plan = try find(goal, clock) { return plan }
        throw try reason(goal, clock)
    }

    /// Finds a plan, if there is one.
    ///
    /// - Parameter goal: What it is to be.
    /// - Returns: The plan, or nil where none is possible.
    /// - Throws: As ``plan(_:)``, except for why none is possible.
    public func find(_ goal: DeviceGoal) throws(PlanningError) -> DevicePlan? {
        try find(goal, StopClock(timeLimit: timeLimit, shouldStop: shouldStop))
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
        default: try solve(goal, clock)
        }
    }

    private func solve(
        _ goal: DeviceGoal,
        ceiling: Double = .infinity,
        _ clock: StopClock
    ) throws(PlanningError) -> DevicePlan? {
        try DeviceProblem(task, on: devices, goal, pinning: pin, ceiling: ceiling)
            .solve(method: method, clock: clock)
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
