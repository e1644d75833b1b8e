import BitAllocation
import Planning
import Reports
import Runtimes
import Tensors

/// Plans on the same devices that differ in what one layer takes.
struct DeviceQuestion {
    private let prepared: RestrictedTask
    private let devices: LlamaCppDevices
    private let goal: DeviceGoal
    private let solver: SolverOptions

    init(
        _ prepared: RestrictedTask,
        _ options: DeviceOptions,
        _ card: CardOptions,
        _ solver: SolverOptions
    ) throws {
        self.prepared = prepared
        self.solver = solver
        goal = .leastImpact(minimumSpeed: options.minSpeed)
        let request = try card.request(bytes: 0)
        prepared.sayNotes(request)
        devices = try LlamaCppDevices(prepared.input.model, on: try options.devices(), request)
    }

    /// The best plan.
    func plan() throws -> DevicePlan {
        try LongWork.run("the plan", with: solver.allocator) {
            try prepared.plan(goal, on: devices, with: $0)
        }
    }

    /// What else a layer could take than in a plan, and where else it could be.
    func explanation(ofLayer layer: Int, _ plan: DevicePlan, _ reasons: RestrictionReasons) throws
        -> DeviceExplanation
    {
        let problem = prepared.task.problem
        let options = Array(problem.options(ofLayer: layer))
        // Only what is on a device can be on another, and words are looked up on the host whatever else is wanted.
        let canBeElsewhere = prepared.task.model.layers[layer].tensors.contains { tensor in
            switch devices.home(of: tensor.name) {
            case .bound, .movable: true
            case .lookedUp, .notLoaded: false
            }
        }
        let places = plan.layerPlaces[layer] == nil || !canBeElsewhere ? [] : Array(devices.devices.indices)
        let count = options.count + places.count
        return try LongWork.run("what else it could take", with: solver.allocator) { allocator in
            var formats: [(option: Int, outcome: DeviceExplanation.Outcome?)] = []
            for option in options {
                allocator.progress(formats.count, count)
                formats.append((option, try outcome(taking: option, insteadOf: plan, ofLayer: layer)))
            }
            var others: [(device: Int, outcome: DeviceExplanation.Outcome)] = []
            for place in places {
                allocator.progress(options.count + others.count, count)
                others.append((place, try outcome(on: place, insteadOf: plan, ofLayer: layer)))
            }
            return DeviceExplanation(
                layer: layer,
                plan: plan,
                task: prepared.task,
                reasons: reasons,
                formats: formats,
                devices: others
            )
        }
    }

    /// What becomes of the plan where a layer takes an option; nil where it may not.
    private func outcome(taking option: Int, insteadOf plan: DevicePlan, ofLayer layer: Int) throws
        -> DeviceExplanation.Outcome?
    {
        if plan.plan.choices[layer] == option { return .plan(plan) }
        guard prepared.task.problem.isAllowed?[option] ?? true else { return nil }
        return try outcome(planner(taking: option))
    }

    /// What becomes of the plan where a layer is on a device.
    private func outcome(on place: Int, insteadOf plan: DevicePlan, ofLayer layer: Int) throws
        -> DeviceExplanation.Outcome
    {
        if plan.layerPlaces[layer] == place { return .plan(plan) }
        let pin = DevicePin(layer: layer, to: place)
        return try outcome(planner(pinning: pin))
    }

    /// What plans the task with a layer on one device, or with an option that its layer has to take.
    private func planner(pinning pin: DevicePin? = nil, taking option: Int? = nil) -> DevicePlanner {
        var task = prepared.task
        if let option {
            task.problem.forbid { [problem = task.problem] layer, other in
                problem.options(ofLayer: layer).contains(option) && other != option
            }
        }
        return DevicePlanner(
            task,
            on: devices,
            method: solver.solver,
            pinning: pin,
            timeLimit: .seconds(solver.timeLimit)
        ) { Interruption.isRequested }
    }

    private func outcome(_ planner: DevicePlanner) throws -> DeviceExplanation.Outcome {
        guard !Interruption.isRequested else { return .notFound }
        switch Result(catching: { () throws(PlanningError) in try planner.find(goal) }) {
        case .success(let plan?): return .plan(plan)
        case .success(nil): return .none
        case .failure(.allocation(.limitReached)): return .notFound
        case .failure(let error): throw error
        }
    }
}
