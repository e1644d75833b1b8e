import BitAllocation
public import Recipes

extension Recipe {
    /// The options that a recipe takes in a task: their indices in the problem's columns, per layer.
    ///
    /// - Parameter task: The task.
    /// - Returns: The indices; of several columns of one format the one of least impact.
    /// - Throws: ``PlanningError/recipeOfOtherLayers`` where the recipe's layers are not the task's, and
    ///   ``PlanningError/noOption(layer:format:)`` where one takes a format that the task lacks.
    public func choices(in task: PlanningTask) throws(PlanningError) -> [Int] {
        let problem = task.problem
        var formats: [String: String] = [:]
        for layer in layers { formats[layer.layer] = layer.format }
        guard formats.count == problem.layerCount, problem.layerNames.allSatisfy({ formats[$0] != nil })
        else { throw .recipeOfOtherLayers }
        var choices: [Int] = []
        for layer in 0..<problem.layerCount {
            let name = problem.layerNames[layer]
            let format = formats[name] ?? ""
            let options = problem.options(ofLayer: layer).filter {
                problem.formatNames[Int(problem.optionFormat[$0])] == format
            }
            guard let option = options.min(by: { problem.optionImpact[$0] < problem.optionImpact[$1] }) else {
                throw .noOption(layer: name, format: format)
            }
            choices.append(option)
        }
        return choices
    }
}
