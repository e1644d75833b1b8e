/// What a choice of one option per layer does that a problem's restrictions do not allow.
public enum RestrictionBreach: Hashable, Sendable {
    /// These layers take options that are ruled out.
    case option(layers: [Int])
    /// These layers are tied, and of each tie several formats are taken.
    case tie(layers: [Int])
    /// So many formats are taken where at most so many may be.
    case formatLimit(taken: Int, limit: Int)
    /// The second budget is exceeded.
    case secondBudget
}

extension AllocationProblem {
    /// All that a choice does against the restrictions but the budget.
    ///
    /// - Parameter choices: The index of the chosen option in the columns, per layer.
    /// - Returns: The breaches, at most one per kind; none where the choice keeps to every restriction.
    public func breaches(of choices: [Int]) -> [RestrictionBreach] {
        var breaches: [RestrictionBreach] = []
        if let isAllowed {
            let layers = choices.indices.filter { !isAllowed[choices[$0]] }
            if !layers.isEmpty { breaches.append(.option(layers: layers)) }
        }
        let torn = ties.filter { tie in Set(tie.map { optionFormat[choices[$0]] }).count > 1 }
        if !torn.isEmpty { breaches.append(.tie(layers: torn.flatMap(\.self))) }
        if let formatLimit {
            let taken = Set(choices.map { optionFormat[$0] }).count
            if taken > formatLimit { breaches.append(.formatLimit(taken: taken, limit: formatLimit)) }
        }
        if let secondBudget, !secondBudget.admits(choices) { breaches.append(.secondBudget) }
        return breaches
    }

    /// Whether a choice of one option per layer keeps to every restriction but the budget.
    public func isAdmissible(_ choices: [Int]) -> Bool { breaches(of: choices).isEmpty }
}
