public import BitAllocation
import Runtimes
import Tensors

/// What becomes of a plan on several devices where one layer has to be otherwise.
public struct DeviceAlternatives: Sendable {
    /// What becomes of the plan.
    public enum Outcome: Sendable {
        /// The best plan then.
        case plan(DevicePlan)
        /// There is none.
        case none
        /// None was found in time.
        case notFound
    }

    /// The layer's index.
    public let layer: Int
    /// The plan as it is.
    public let plan: DevicePlan
    /// What becomes of it where the layer has to take each of its options; nil for those it may not take.
    public let formats: [(option: Int, outcome: Outcome?)]
    /// What becomes of it where the layer has to be on each device; none for a layer that can be nowhere else.
    public let devices: [(device: Int, outcome: Outcome)]

    /// Creates alternatives.
    ///
    /// - Parameters:
    ///   - layer: The layer's index.
    ///   - plan: The plan as it is.
    ///   - formats: What becomes of it where the layer has to take each of its options; nil for those it may not take.
    ///   - devices: What becomes of it where the layer has to be on each device.
    public init(
        layer: Int,
        plan: DevicePlan,
        formats: [(option: Int, outcome: Outcome?)],
        devices: [(device: Int, outcome: Outcome)]
    ) {
        self.layer = layer
        self.plan = plan
        self.formats = formats
        self.devices = devices
    }
}

extension RestrictedTask {
    /// Finds what else a layer could take than in a plan, and where else it could be.
    ///
    /// - Parameters:
    ///   - layer: The layer's index.
    ///   - plan: The plan, which this task has on its devices.
    ///   - goal: What was wanted of the plan.
    ///   - allocator: How to search each time: the method, the time, and when to stop. It is told how many searches are done.
    /// - Returns: The plans.
    /// - Throws: ``PlanningError``, as the search for the plan itself does, except for why none is possible.
    public func alternatives(
        toLayer layer: Int,
        of plan: DevicePlan,
        for goal: DeviceGoal,
        with allocator: Allocator
    ) throws(PlanningError) -> DeviceAlternatives {
        let options = Array(task.problem.options(ofLayer: layer))
        // Only what is on a device can be on another, and words are looked up on the host whatever else is wanted.
        let canBeElsewhere = task.model.layers[layer].tensors.contains { tensor in
            switch plan.devices.home(of: tensor.name) {
            case .bound, .movable: true
            case .lookedUp, .notLoaded: false
            }
        }
        let places =
            plan.layerPlaces[layer] == nil || !canBeElsewhere ? [] : Array(plan.devices.devices.indices)
        let count = options.count + places.count
        var formats: [(option: Int, outcome: DeviceAlternatives.Outcome?)] = []
        for option in options {
            allocator.progress(formats.count, count)
            if plan.plan.choices[layer] == option {
                formats.append((option, .plan(plan)))
            } else if task.problem.isAllowed?[option] ?? true {
                var own = task
                own.problem.forbid { other, choice in other == layer && choice != option }
                formats.append((option, try Self.outcome(own, of: plan, goal, pinning: nil, allocator)))
            } else {
                formats.append((option, nil))
            }
        }
        var devices: [(device: Int, outcome: DeviceAlternatives.Outcome)] = []
        for place in places {
            allocator.progress(options.count + devices.count, count)
            if plan.layerPlaces[layer] == place {
                devices.append((place, .plan(plan)))
            } else {
                let pin = DevicePin(layer: layer, to: place)
                devices.append((place, try Self.outcome(task, of: plan, goal, pinning: pin, allocator)))
            }
        }
        return DeviceAlternatives(layer: layer, plan: plan, formats: formats, devices: devices)
    }

    /// What becomes of a plan where a task forbids more, or pins a layer to a device.
    private static func outcome(
        _ task: PlanningTask,
        of plan: DevicePlan,
        _ goal: DeviceGoal,
        pinning pin: DevicePin?,
        _ allocator: Allocator
    ) throws(PlanningError) -> DeviceAlternatives.Outcome {
        guard !allocator.shouldStop() else { return .notFound }
        let planner = DevicePlanner(
            task,
            on: plan.devices,
            method: allocator.method,
            pinning: pin,
            timeLimit: allocator.timeLimit,
            shouldStop: allocator.shouldStop
        )
        do throws(PlanningError) {
            return try planner.find(goal).map { .plan($0) } ?? DeviceAlternatives.Outcome.none
        } catch .allocation(.limitReached) {
            return .notFound
        }
    }
}
