/// What keeps the allocator from returning a plan.
public enum AllocationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The problem is malformed; the text says where and why.
    case invalidProblem(String)
    /// Even the smallest plan is larger than the budget.
    case infeasible(budget: Int, smallestBytes: Int)
    /// Restrictions leave a layer no format.
    case layerWithoutOptions(String)
    /// Plans fit the budget, but none keeps to the other restrictions as well.
    case overconstrained(budget: Int)
    /// No plan has so low an impact.
    case impactOutOfReach(Double, least: Double)
    /// The time limit was reached before any plan was found.
    case limitReached
    /// GLPK was asked for by name and this build does not have it.
    case solverNotBuiltIn

    /// The cause, then the remedy where there is one.
    public var description: String {
        switch self {
        case .invalidProblem(let detail):
            "cannot plan: \(detail)"
        case .infeasible(let budget, let smallestBytes):
            "no plan fits \(budget) bytes; the smallest possible file has \(smallestBytes) bytes"
        case .layerWithoutOptions(let name):
            "the restrictions leave layer \(name) no format; relax one that names it"
        case .overconstrained(let budget):
            "no plan within \(budget) bytes keeps to the second budget and the limit on formats as well; "
                + "raise one of them"
        case .impactOutOfReach(let impact, let least):
            "no plan has an impact of \(impact) or less; the least possible is \(least)"
        case .limitReached:
            "the time limit was reached before a plan was found; give more time"
        case .solverNotBuiltIn:
            "this build does not have GLPK; choose another solver, or build with the trait GLPK"
        }
    }
}
