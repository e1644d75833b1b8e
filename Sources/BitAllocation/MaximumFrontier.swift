/// Every plan that no other beats in both size and the impact of its worst layer.
///
/// The worst layer leaves no choice: under a ceiling every unit takes its smallest option, and of several of one size the one with
/// the least sum. So the frontier has at most one plan per impact that stands in the problem.
struct MaximumFrontier {
    /// The plans, from the smallest to the best: the index of the chosen option in the problem's columns, per layer.
    private(set) var choices: [[Int]] = []

    /// Finds the frontier, or returns `nil` where it was asked to stop; the budgets and the limit on formats play no part.
    init?(of problem: AllocationProblem, shouldStop: () -> Bool) {
        let units = Units(problem)
        var found: [(choices: [Int], bytes: Int, impact: Double)] = []
        var ceiling = Double.infinity
        while true {
            guard !shouldStop() else { return nil }
            let candidates = Candidates(
                problem,
                units: units,
                ceiling: ceiling,
                isAllowed: problem.isAllowed
            ) { problem.optionImpact[$0] }
            guard candidates.emptyUnit == nil else { break }
            let choices = candidates.choices(candidates.first.dropLast())
            let bytes = problem.bytes(ofChoices: choices)
            let impact = problem.impact(ofChoices: choices)
            // The least sum of a size need not have the better worst layer.
            if found.last?.bytes == bytes { found.removeLast() }
            found.append((choices, bytes, impact))
            guard impact > 0 else { break }
            // No impact stands between two neighbouring numbers, so the next plan has a better worst layer.
            ceiling = impact.nextDown
        }
        var before = Double.infinity
        for plan in found {
            if !SameImpact.isAsGood(before, as: plan.impact) { self.choices.append(plan.choices) }
            before = plan.impact
        }
    }
}
