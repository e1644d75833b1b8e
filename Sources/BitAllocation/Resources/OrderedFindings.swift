/// What the search of an ordered problem has found so far, and what it knows of the ways that it has not searched to their ends.
struct OrderedFindings {
    /// What a choice has to cost less than where none was found.
    let cutoff: Double
    /// The options that were gone through.
    var options: Int
    /// The best choice, as the plan of its way, with the cost of the whole.
    private(set) var best: (places: [Int], plan: ResourcePlan, cost: Double)?
    /// A bound on all ways from those that were searched with prices of their own.
    var proven = 0.0
    /// The least bound of the ways that were searched without an end.
    var open = Double.infinity
    /// The least bound of the ways that were not searched; infinite where there is none left.
    var untried = -Double.infinity
    /// Whether ways were left for want of time, or because they are too many.
    var isCutShort = false

    init(cutoff: Double, options: Int) {
        self.cutoff = cutoff
        self.options = options
    }

    /// What a better choice has to cost less than.
    var cost: Double { best?.cost ?? cutoff }

    var hasChoice: Bool { best != nil }

    /// Takes the plan of a way where it is better.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - places: The places of the way's segments.
    ///   - fixed: What the segments cost whatever is chosen.
    mutating func take(_ plan: ResourcePlan, placing places: [Int], fixed: Double) {
        if plan.cost + fixed < cost { best = (places, plan, plan.cost + fixed) }
    }
}
