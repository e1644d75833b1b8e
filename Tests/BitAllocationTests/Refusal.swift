import BitAllocation
import Testing

/// Why a problem that exhaustive search finds no plan for is refused.
///
/// - Parameters:
///   - problem: A problem of which no choice fits.
///   - smallestBytes: The size of its smallest file, ties kept to, whatever else restricts it.
///   - comment: What test messages call it.
func expectNoPlan(for problem: AllocationProblem, smallestBytes: Int, _ comment: Comment) {
    do throws(AllocationError) {
        let plan = try Allocator().plan(for: problem)
        Issue.record("\(comment): there is no plan, and one of \(plan.bytes) bytes was found")
    } catch {
        // Where the smallest file is too large, that is said; otherwise the other restrictions leave nothing.
        let expected: AllocationError =
            smallestBytes > problem.budget
            ? .infeasible(budget: problem.budget, smallestBytes: smallestBytes)
            : .overconstrained(budget: problem.budget)
        #expect(error == expected, comment)
    }
}
