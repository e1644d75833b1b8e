import BitAllocation
import Recipes
import Reports

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
    /// A recipe from a file, measured on a task.
    static func recipe(path: String, in task: PlanningTask) throws -> ComparedPlan {
        let choices = try RecipeReader.read(path: path).choices(in: task, source: path)
        return ComparedPlan(
            kind: .recipe,
            name: path,
            bytes: task.problem.bytes(ofChoices: choices),
            impact: task.problem.impact(ofChoices: choices)
        )
    }
}
