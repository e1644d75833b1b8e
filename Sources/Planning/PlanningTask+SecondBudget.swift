public import BitAllocation
public import Sensitivity
import Tensors

extension PlanningTask {
    /// A second budget from what an element costs in each format: the model may cost so many times what it costs in the source
    /// format.
    ///
    /// Only the planned layers count. The figures are relative, so that a limit of 1.3 means 1.3 times the source's cost.
    ///
    /// - Throws: `AllocationError.invalidProblem(_:)` where the costs lack a format of the problem or the source format.
    public func secondBudget(_ costs: FormatCosts, factor: Double) throws(AllocationError) -> SecondBudget {
        guard let source = costs.cost(of: sourceFormat.name), source > 0 else {
            throw .invalidProblem(
                "the costs have no row above zero for the source format \(sourceFormat.name); add one"
            )
        }
        let elements = Double(model.layers.reduce(0) { $0 + $1.elementCount })
        var second = [Double](repeating: 0, count: problem.optionBytes.count)
        for layer in 0..<problem.layerCount {
            let share = Double(model.layers[layer].elementCount) / elements
            for option in problem.options(ofLayer: layer) {
                let format = problem.formatNames[Int(problem.optionFormat[option])]
                guard let cost = costs.cost(of: format) else {
                    throw .invalidProblem(
                        "the costs have no row for \(format); add one, or leave the format out"
                    )
                }
                second[option] = share * cost / source
            }
        }
        return SecondBudget(cost: second, limit: factor)
    }
}
