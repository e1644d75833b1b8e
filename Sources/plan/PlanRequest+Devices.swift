import BitAllocation
import Checkpoints
import Converters
import Planning
import Recipes
import Reports
import Runtimes

extension PlanRequest {
    /// What a plan on devices is to be.
    var goal: DeviceGoal {
        limits.maxImpact.map { .fastest(maximumImpact: $0) } ?? .leastImpact(minimumSpeed: devices?.minSpeed)
    }

    /// Finds the plan that gives every layer a format and a device.
    ///
    /// - Parameters:
    ///   - prepared: What ``prepared()`` gave.
    ///   - devices: The devices.
    /// - Returns: The plan as a recipe, and a summary of it.
    /// - Throws: `PlanningError`, what the search throws, and `Failure` where no plan fits.
    func answer(_ prepared: RestrictedTask, on devices: [Device]) throws -> Answer {
        let input = prepared.input
        let placed = try LlamaCppDevices(input.model, on: devices, card.request(bytes: 0))
        let found = try prepared.plan(goal, on: placed, with: solver)
        var task = prepared.task
        task.problem.budget = found.bytesOfFileAndLeft
        let (recipe, file) = try recipe(
            found.plan,
            for: task,
            limit: limits.maxImpact.map { .impact($0) } ?? .bytes(task.problem.budget),
            input,
            adding: { found.record(in: &$0) }
        )
        // Said before anything is written, where no rules put a tensor where it is to be.
        _ = try found.command(modelPath: "")
        let summary = PlanSummary(
            found.plan,
            for: task,
            modelName: input.model.name,
            parameters: input.model.parameters,
            maximumImpact: limits.maxImpact,
            sizeNote: file?.note,
            table: prepared.tableLine,
            devices: DeviceSummary(found)
        )
        return Answer(
            input: input,
            recipe: recipe,
            summary: summary,
            robustness: nil,
            ending: found.plan.ending,
            run: { try found.command(modelPath: $0) }
        )
    }
}

extension RestrictedTask {
    /// The plan of a goal on devices.
    func plan(_ goal: DeviceGoal, on devices: LlamaCppDevices, with solver: SolverOptions) throws
        -> DevicePlan
    {
        let (task, method, seconds) = (task, solver.solver, solver.timeLimit)
        return try LongWork.run("the plan", with: solver.allocator) { _ throws -> DevicePlan in
            try DevicePlanner(
                task,
                on: devices,
                method: method,
                timeLimit: .seconds(seconds)
            ) { Interruption.isRequested }.plan(goal)
        }
    }
}
