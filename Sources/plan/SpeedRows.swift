import BitAllocation
import Planning
import Reports
import Runtimes

/// The plans for several floors on the speed, on the same devices.
struct SpeedRows {
    private let prepared: RestrictedTask
    private let devices: LlamaCppDevices
    private var floors: [Double?]

    init(_ options: DeviceOptions, _ card: CardOptions, floors text: String?, _ prepared: RestrictedTask)
        throws
    {
        self.prepared = prepared
        let request = try card.request(bytes: 0)
        prepared.sayNotes(request)
        devices = try LlamaCppDevices(prepared.input.model, on: try options.devices(), request)
        guard let text else {
            floors = [options.minSpeed]
            return
        }
        floors = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let floor = Double(part) ?? -1
            try DeviceOptions.check(speed: floor, of: "--min-speeds")
            return floor
        }
    }

    /// The devices, in the order of the rows' weights.
    var places: [Device] { devices.devices }

    /// The curve from the speed of the least impact there is, or the one that is asked for, to the fastest plan: so many rows, their
    /// floors evenly spaced, from the slowest.
    mutating func curve(_ count: Int, with solver: SolverOptions) throws -> [SpeedComparison.Row] {
        let first = floors.first ?? nil
        // First, as it says at once where a bandwidth is missing.
        let top = try plan(.fastest(maximumImpact: .infinity), solver)
        let least = try plan(.leastImpact(minimumSpeed: first), solver)
        let slowest = SpeedComparison.Row(floor: first, plan: Self.outcome(least))
        // A floor at the last digit of the fastest speed would be a hair above it.
        guard let from = least.speed, let to = top.speed.map({ $0 * (1 - 1e-9) }), to > from, count > 1 else {
            return [slowest]
        }
        floors = (1..<count).map { from + (to - from) * Double($0) / Double(count - 1) }
        return [slowest] + (try rows(with: solver))
    }

    /// A row per floor, in the order in which they were given.
    func rows(with solver: SolverOptions) throws -> [SpeedComparison.Row] {
        var rows: [SpeedComparison.Row] = []
        for floor in floors where !Interruption.isRequested {
            rows.append(SpeedComparison.Row(floor: floor, plan: try outcome(floor, solver)))
        }
        return rows
    }

    /// The plan, or nil where none is so fast.
    private func outcome(_ floor: Double?, _ solver: SolverOptions) throws -> SpeedComparison.Outcome? {
        do {
            return Self.outcome(try plan(.leastImpact(minimumSpeed: floor), solver))
        } catch PlanningError.tooSlow {
            return nil
        }
    }

    private func plan(_ goal: DeviceGoal, _ solver: SolverOptions) throws -> DevicePlan {
        try LongWork.run("the plan", with: solver.allocator) {
            try prepared.plan(goal, on: devices, with: $0)
        }
    }

    private static func outcome(_ plan: DevicePlan) -> SpeedComparison.Outcome {
        SpeedComparison.Outcome(
            bytes: plan.plan.bytes,
            speed: plan.speed,
            weights: plan.loads.map(\.weights),
            impact: plan.plan.impact,
            gap: plan.plan.status == .optimal ? 0 : plan.plan.gap
        )
    }
}
