import Checkpoints
import Recipes
import Sensitivity
import Tensors

extension CheckCommand {
    /// What the second budget is exceeded by, where the recipe has one and its costs are given.
    func slowdownDifferences(_ recipe: Recipe, of model: Model) throws -> [[String]] {
        guard let slowdown = recipe.slowdown else {
            guard costs == nil else {
                throw Failure(
                    code: Failure.usage,
                    message:
                        "the recipe was planned without --slowdown, so there is nothing to check --costs for"
                )
            }
            return []
        }
        guard let path = costs else {
            Console.note(
                "the slowdown of at most \(slowdown.factor) was not checked; name its table with --costs"
            )
            return []
        }
        let costs = try FormatCosts.read(path: path)
        guard costs.digest == slowdown.costs || force else {
            throw Failure(
                code: Failure.badData,
                message: """
                    the recipe was planned on other costs than those of \(path): their digests differ; name the right file \
                    with --costs, or use --force
                    """
            )
        }
        var elements: [String: Int] = [:]
        for tensor in model.tensors { elements[tensor.name] = tensor.elementCount }
        let layers = recipe.layers.map { layer in
            (format: layer.format, elements: layer.tensors.reduce(0) { $0 + (elements[$1] ?? 0) })
        }
        let found = try costs.slowdown(of: layers, source: model.sourceFormat.name)
        guard found > slowdown.factor * (1 + 1e-12) else { return [] }
        return [["the plan", "slowdown", "at most \(slowdown.factor)", "\(found)"]]
    }
}
