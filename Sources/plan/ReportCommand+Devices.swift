import BitAllocation
import Checkpoints
import Planning
import Recipes
import Reports
import Tensors

/// The page of a plan on several devices.
extension ReportCommand {
    /// Plans on the devices and writes the page.
    func reportOnDevices() throws {
        var problem: String?
        if budget != nil || options.card.card != nil {
            problem = "--device takes the place of --budget and --card; leave them out"
        } else if contexts != nil || points != nil || !recipes.isEmpty {
            problem =
                "--contexts, --points and --with belong to the page of all sizes; leave them out with --device"
        }
        if let problem { throw Failure(code: Failure.usage, message: problem) }
        let prepared = try options.prepared()
        let request = try options.card.request(bytes: 0)
        let goal = Goal.devices(
            try deviceOptions.devices(),
            .leastImpact(minimumSpeed: deviceOptions.minSpeed),
            request
        )
        var outputs = OutputFiles(besides: options.files(prepared), force: overwriting.force)
        let file = try outputs.claim(output ?? .file(Self.place(of: prepared.input)), for: .page)
        prepared.sayNotes(request)
        let planned = try prepared.showPlan(for: goal, with: options.solver.allocator)
        let recipe = try planned.recipe(
            by: .init(
                version: PlanCommand.version,
                arguments: options.card.arguments + deviceOptions.arguments + options.model.arguments
                    + options.constraints.arguments + options.solver.arguments
            )
        )
        let path = recipe.model.name + ".gguf"
        guard let devices = planned.devices, let words = try planned.command(modelPath: path),
            let page = ReportPage(
                task: planned.task,
                plans: [planned.plan],
                coverage: .solved,
                knees: [],
                compared: [],
                start: 0,
                converters: ReportPage.servingConverters(
                    for: recipe,
                    of: planned.task.problem,
                    tensors: prepared.input.model.tensors
                ),
                placement: ReportPage.Placement(
                    devices,
                    command: PlanRequest.Answer.typed(words, path: path).joined(separator: " ")
                ),
                recipe: recipe,
                table: prepared.input.table,
                modelArguments: modelArguments(recipe)
            )
        else { throw Failure.noPlanFound }
        let html = try LongWork.run("making the page") { _ in try page.html() }
        try write(html, of: "the plan on its devices", to: file)
        PlanRequest.Answer.sayHowItEnded(planned.plan.ending)
    }
}
