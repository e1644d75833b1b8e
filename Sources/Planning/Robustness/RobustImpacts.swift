import BitAllocation

/// The impacts of the table that a robust plan is the best of, for every cell of the table that was planned.
struct RobustImpacts {
    private struct Key: Hashable {
        let layer: String
        let format: String
    }

    private var impacts: [Key: Double] = [:]
    /// By how much the impacts of a layer grew, for cells that are no options of the problem.
    private var factors: [String: Double] = [:]

    /// Takes over the impacts of a problem's options.
    init(_ impacts: [Double], insteadOf problem: AllocationProblem) {
        for layer in 0..<problem.layerCount {
            let name = problem.layerNames[layer]
            var sums = (old: 0.0, new: 0.0)
            for option in problem.options(ofLayer: layer) {
                let format = problem.formatNames[Int(problem.optionFormat[option])]
                self.impacts[Key(layer: name, format: format)] = impacts[option]
                sums.old += problem.optionImpact[option]
                sums.new += impacts[option]
            }
            factors[name] = sums.old > 0 ? sums.new / sums.old : 1
        }
    }

    /// What becomes of a layer's impact in a format.
    func impact(_ layer: String, _ format: String, _ impact: Double) -> Double {
        impacts[Key(layer: layer, format: format)] ?? impact * (factors[layer] ?? 1)
    }
}
