extension AllocationProblem {
    /// Leaves bytes out of what the budget counts: they are in the file, but not in the memory that the budget is of.
    ///
    /// - Parameter bytes: The bytes of every option that are not counted, in the order of the columns: from 0 to the option's
    ///   own.
    /// - Throws: ``AllocationError/invalidProblem(_:)`` for another number of figures than options, and for figures that are negative
    ///   or beyond the option's bytes.
    public mutating func leaveUncounted(_ bytes: [Int]) throws(AllocationError) {
        guard bytes.count == optionBytes.count, zip(bytes, optionBytes).allSatisfy({ 0...$1 ~= $0 }) else {
            throw .invalidProblem("what the budget does not count is more than there is")
        }
        uncountedBytes = bytes.contains { $0 > 0 } ? bytes : nil
    }

    /// The bytes of a choice's file that the budget does not count.
    ///
    /// - Parameter choices: The index of the chosen option in the columns, per layer.
    /// - Returns: The bytes.
    public func uncountedBytes(ofChoices choices: [Int]) -> Int {
        guard let uncountedBytes else { return 0 }
        return choices.reduce(0) { $0 + uncountedBytes[$1] }
    }

    /// The problem whose options have the bytes that the budget counts, which is what searches are given.
    var counted: AllocationProblem {
        guard let uncountedBytes else { return self }
        var problem = self
        problem.optionBytes = zip(optionBytes, uncountedBytes).map { $0 - $1 }
        problem.uncountedBytes = nil
        return problem
    }

    /// The problem whose budget is of the whole file.
    var countingAll: AllocationProblem {
        var problem = self
        problem.uncountedBytes = nil
        return problem
    }

    /// A choice in which every layer that is alone has the smallest file among options that are alike in all else.
    ///
    /// Of options that differ in uncounted bytes only a search takes any.
    func lightest(_ choices: [Int]) -> [Int] {
        guard uncountedBytes != nil else { return choices }
        let tied = Set(ties.joined())
        let formats = Set(choices.map { optionFormat[$0] })
        let counted = counted.optionBytes
        var lightest = choices
        for layer in choices.indices where !tied.contains(layer) {
            for option in options(ofLayer: layer) where isAllowed?[option] ?? true {
                let own = lightest[layer]
                guard optionBytes[option] < optionBytes[own], counted[option] <= counted[own],
                    optionImpact[option] == optionImpact[own],
                    formatLimit == nil || formats.contains(optionFormat[option]),
                    secondBudget.map({ $0.cost[option] <= $0.cost[own] }) ?? true
                else { continue }
                lightest[layer] = option
            }
        }
        return lightest
    }
}
