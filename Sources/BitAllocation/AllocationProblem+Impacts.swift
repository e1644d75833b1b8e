extension AllocationProblem {
    /// The problem with other impacts, every restriction as it was.
    ///
    /// - Parameter impacts: The impact of every option, finite and from 0 up, in the order of the columns.
    /// - Returns: The new problem.
    /// - Throws: ``AllocationError/invalidProblem(_:)`` for another number of impacts than options, and for impacts that are negative,
    ///   not finite, or too large to be added.
    public func with(impacts: [Double]) throws(AllocationError) -> AllocationProblem {
        guard impacts.count == optionImpact.count else {
            throw .invalidProblem("there is not one impact per option")
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
        problem.uncountedBytes = uncountedBytes
        return problem
    }
}
