/// What keeps the allocator from returning a plan.
public enum AllocationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The problem is malformed; the text says where and why.
    case invalidProblem(String)
    /// Even the smallest plan is larger than the budget.
    case infeasible(budget: Int, smallestBytes: Int)

    /// The cause, then the remedy where there is one.
    public var description: String {
        switch self {
        case .invalidProblem(let detail):
            "cannot plan: \(detail)"
        case .infeasible(let budget, let smallestBytes):
            "no plan fits \(budget) bytes; the smallest possible file has \(smallestBytes) bytes"
        }
    }
}
