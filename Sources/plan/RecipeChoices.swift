import BitAllocation
import Checkpoints
import Planning
import Recipes
import Reports
import Sensitivity
import Tensors

extension Recipe {
    /// The options that a recipe takes in a task: their indices in the problem's columns, per layer.
    ///
    /// - Throws: ``Failure`` for bad data where the recipe's layers are not the task's, or take formats that the task lacks.
    func choices(in task: PlanningTask, source: String) throws -> [Int] {
        let problem = task.problem
        var formats: [String: String] = [:]
        for layer in layers { formats[layer.layer] = layer.format }
        guard formats.count == problem.layerCount, problem.layerNames.allSatisfy({ formats[$0] != nil })
        else {
            throw Failure(
                code: Failure.badData,
                message: """
                    the recipe \(source) does not have the layers of this model and table; plan it with the same --model, \
                    --impacts and --grouping
                    """
            )
        }
        return try (0..<problem.layerCount).map { layer in
            let name = problem.layerNames[layer]
            let format = formats[name] ?? ""
            let options = problem.options(ofLayer: layer).filter {
                problem.formatNames[Int(problem.optionFormat[$0])] == format
            }
            guard let option = options.min(by: { problem.optionImpact[$0] < problem.optionImpact[$1] }) else {
                throw Failure(
                    code: Failure.badData,
                    message:
                        "the recipe \(source) casts \(name) to \(format), which is no option of that layer here"
                )
            }
            return option
        }
    }
}

extension ComparedPlan {
    /// A recipe from a file, measured on a task; a note says where it was planned for something else.
    static func recipe(path: String, in prepared: RestrictedTask) throws -> ComparedPlan {
        let recipe = try RecipeReader.read(path: path)
        let choices = try recipe.choices(in: prepared.task, source: path)
        let plan = ComparedPlan(kind: .recipe, name: path, choices: choices, in: prepared.task.problem)
        var differences: [String] = []
        if recipe.model.digest != prepared.input.model.digest {
            differences.append("is for another model, '\(recipe.model.name.withVisibleControls)'")
        }
        if recipe.impacts.digest != prepared.input.table.digest {
            differences.append("was planned on another table, '\(recipe.impacts.name.withVisibleControls)'")
        }
        if recipe.impact.combine != .init(prepared.task.problem.combination) {
            differences.append("combines impacts by \(recipe.impact.combine.rawValue)")
        }
        if differences.isEmpty, recipe.size.bytes != plan.bytes {
            differences.append("has \(ByteSize(recipe.size.bytes).grouped) bytes by its own account")
        }
        if !differences.isEmpty {
            Console.note(
                "the recipe \(path) \(differences.joined(separator: " and ")); its choices are measured here by "
                    + "\(prepared.task.problem.combination.rawValue) on \(prepared.input.table.name.withVisibleControls), "
                    + "in \(ByteSize(plan.bytes).grouped) bytes"
            )
        }
        return plan
    }
}
