extension AllocationProblem {
    /// The problem with every layer's impacts multiplied by a factor of its own, every restriction as it was.
    ///
    /// - Parameter factors: A finite factor from 0 up per layer.
    /// - Returns: The new problem.
    /// - Throws: ``AllocationError/invalidProblem(_:)`` for another number of factors than layers, and for factors that
    ///   make an impact negative, not finite, or too large to be added.
    public func scaled(by factors: [Double]) throws(AllocationError) -> AllocationProblem {
        guard factors.count == layerCount else {
            throw .invalidProblem("there is not one factor per layer")
        }
        var impacts = optionImpact
        for layer in 0..<layerCount {
            for option in options(ofLayer: layer) {
                impacts[option] *= factors[layer]
            }
        }
        var problem = try AllocationProblem(
            layerNames: layerNames,
            formatNames: formatNames,
            firstOption: firstOption,
            optionFormat: optionFormat,
            optionBytes: optionBytes,
            optionImpact: impacts,
            fixedBytes: fixedBytes,
            budget: budget,
            combination: combination
        )
        problem.isAllowed = isAllowed
        problem.ties = ties
        problem.formatLimit = formatLimit
        problem.secondBudget = secondBudget
        return problem
    }
}
