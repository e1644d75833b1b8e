public import BitAllocation
public import Runtimes

/// Plans on the same devices for several floors on the speed.
public struct SpeedCurve {
    /// A plan for one floor.
    public struct Point: Sendable {
        /// The tokens per second that were asked for, if any.
        public let floor: Double?
        /// The plan; nil where none is so fast.
        public let plan: DevicePlan?
    }

    private let plan: (DeviceGoal) throws -> DevicePlan
    private let shouldStop: () -> Bool

    /// Creates a curve of a task.
    ///
    /// - Parameters:
    ///   - task: The task with its restrictions.
    ///   - devices: The devices, and what runs on them.
    ///   - allocator: How to search for each plan, and when to stop.
    public init(_ task: RestrictedTask, on devices: LlamaCppDevices, with allocator: Allocator = Allocator())
    {
        self.init(shouldStop: allocator.shouldStop) { try task.plan($0, on: devices, with: allocator) }
    }

    /// Creates a curve of whatever finds plans.
    ///
    /// - Parameters:
    ///   - shouldStop: Asked between plans; `true` ends the curve with those that were found.
    ///   - plan: Finds the plan of a goal.
    public init(shouldStop: @escaping () -> Bool, plan: @escaping (DeviceGoal) throws -> DevicePlan) {
        self.plan = plan
        self.shouldStop = shouldStop
    }

    /// The plans for some floors.
    ///
    /// - Parameter floors: The least tokens per second; nil where there is no floor.
    /// - Returns: A point per floor, in their order.
    /// - Throws: What the search throws, but for ``PlanningError/tooSlow(asked:fastest:)``.
    public func points(at floors: [Double?]) throws -> [Point] {
        var points: [Point] = []
        for floor in floors where !shouldStop() {
            do {
                points.append(Point(floor: floor, plan: try plan(.leastImpact(minimumSpeed: floor))))
            } catch PlanningError.tooSlow {
                points.append(Point(floor: floor, plan: nil))
            }
        }
        return points
    }

    /// The curve from the plan of the least impact to the fastest plan, their floors evenly spaced, from the slowest.
    ///
    /// - Parameters:
    ///   - count: How many points there are; where the plan of the least impact is the fastest, it is the only one.
    ///   - floor: The least tokens per second of all of them, if any.
    /// - Returns: The points.
    /// - Throws: What the search throws.
    public func points(_ count: Int, from floor: Double?) throws -> [Point] {
        // First, as it says at once where a bandwidth is missing.
        let top = try plan(.fastest(maximumImpact: .infinity))
        let least = try plan(.leastImpact(minimumSpeed: floor))
        let slowest = Point(floor: floor, plan: least)
        // A floor at the last digit of the fastest speed would be a hair above it.
        guard let from = least.speed, let to = top.speed.map({ $0 * (1 - 1e-9) }), to > from, count > 1 else {
            return [slowest]
        }
        let floors = (1..<count).map { from + (to - from) * Double($0) / Double(count - 1) }
        return [slowest] + (try points(at: floors))
    }
}
