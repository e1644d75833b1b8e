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
    func curve(_ count: Int, with solver: SolverOptions) throws -> [SpeedComparison.Row] {
        try plans(solver).points(count, from: floors.first ?? nil).map { .init($0) }
    }

    /// A row per floor, in the order in which they were given.
    func rows(with solver: SolverOptions) throws -> [SpeedComparison.Row] {
        try plans(solver).points(at: floors).map { .init($0) }
    }

    /// What finds the plans, and shows on a terminal that it is at work.
    private func plans(_ solver: SolverOptions) -> SpeedCurve {
        SpeedCurve(shouldStop: { Interruption.isRequested }) { goal in
            try LongWork.run("the plan", with: solver.allocator) {
                try prepared.plan(goal, on: devices, with: $0)
            }
        }
    }
}
