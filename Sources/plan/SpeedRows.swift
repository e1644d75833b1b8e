import BitAllocation
import Planning
import Reports
import Runtimes

/// The plans for several floors on the speed, on the same devices.
struct SpeedRows {
    private let prepared: RestrictedTask
    private let devices: LlamaCppDevices
    private let floors: [Double?]

    init(_ options: DeviceOptions, _ card: CardOptions, floors text: String?, _ prepared: RestrictedTask)
        throws
    {
        self.prepared = prepared
        devices = try LlamaCppDevices(
            prepared.input.model,
            on: try options.devices(),
            card.request(bytes: 0)
        )
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

    /// The devices' names, in the order of the rows' weights.
    var names: [String] { devices.devices.map(\.name) }

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
            let plan = try LongWork.run("the plan", with: solver.allocator) {
                try prepared.plan(.leastImpact(minimumSpeed: floor), on: devices, with: $0)
            }
            return SpeedComparison.Outcome(
                bytes: plan.plan.bytes,
                speed: plan.speed,
                weights: plan.loads.map(\.weights),
                impact: plan.plan.impact,
                gap: plan.plan.gap
            )
        } catch PlanningError.tooSlow {
            return nil
        }
    }
}
