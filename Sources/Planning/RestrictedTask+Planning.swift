public import BitAllocation
import Checkpoints
import Sensitivity
import Tensors

/// Plans of a task, for a goal.
extension RestrictedTask {
    /// The size of the file with every layer as the model's own files have it, in bytes: scaled 8-bit floats are not multiplied
    /// out in that.
    public var sourceBytes: Int {
        task.sourceBytes + bytesSavedByKeeping - input.model.multipliedOutByteCount
    }

    /// A budget in bytes of the whole file.
    public func bytes(of budget: Budget) -> Int {
        budget.bytes(parameters: input.model.parameters, sourceBytes: sourceBytes)
    }

    /// The plan within a budget.
    ///
    /// - Parameters:
    ///   - budget: The most bytes that the whole file may have.
    ///   - allocator: What searches.
    /// - Returns: The plan.
    /// - Throws: ``PlanningError/contradiction(relax:budget:)`` where restrictions leave no plan, ``PlanningError/noneFits(_:)``
    ///   where the budget is too small for any, and what `Allocator.plan(for:)` throws.
    public func plan(within budget: Int, with allocator: Allocator) throws -> AllocationPlan {
        var problem = task.problem
        problem.budget = budget
        do {
            return try allocator.plan(for: problem)
        } catch {
            throw reason(for: error, within: budget) ?? error
        }
    }

    /// Why there is no plan within a budget, where that is known: the fewest restrictions to relax, else what the smallest file is
    /// made of.
    ///
    /// - Parameters:
    ///   - error: What the allocator says.
    ///   - budget: The budget, in bytes of the whole file.
    /// - Returns: ``PlanningError/contradiction(relax:budget:)`` or ``PlanningError/noneFits(_:)``; nil for another error.
    public func reason(for error: AllocationError, within budget: Int) -> PlanningError? {
        switch error {
        case .infeasible, .overconstrained:
            if let relax = unrestricted.relaxation(of: restrictions, within: budget) {
                return .contradiction(relax: relax, budget: budget)
            }
        default: return nil
        }
        guard case .infeasible(_, let smallestBytes) = error else { return nil }
        return .noneFits(infeasibility(within: budget, smallestBytes: smallestBytes))
    }

    /// Why no plan fits a budget.
    ///
    /// - Parameters:
    ///   - budget: The budget, in bytes of the whole file.
    ///   - smallestBytes: The bytes of the smallest possible file.
    /// - Returns: What that is made of, and whether the table has smaller formats.
    func infeasibility(within budget: Int, smallestBytes: Int) -> Infeasibility {
        let table = input.table
        let smallest = task.problem.formatNames.compactMap { QuantizationFormat(named: $0)?.bitsPerWeight }
            .min()
        let hasSmaller = table.formats.compactMap { QuantizationFormat(named: $0)?.bitsPerWeight }
            .contains { $0 < smallest ?? 0 }
        let isWhole = !hasSmaller && restrictions.isEmpty && table.byteCounts == nil
        return Infeasibility(task, budget: budget, smallestBytes: smallestBytes, table: isWhole ? table : nil)
    }

    /// The smallest plan with at most an impact.
    ///
    /// - Parameters:
    ///   - maximumImpact: The most combined impact.
    ///   - allocator: What searches.
    /// - Returns: The plan.
    /// - Throws: ``PlanningError/contradiction(relax:budget:)`` where restrictions leave no plan, and what
    ///   `Allocator.smallestPlan(for:maximumImpact:)` throws.
    public func smallestPlan(maximumImpact: Double, with allocator: Allocator) throws -> AllocationPlan {
        do {
            return try allocator.smallestPlan(for: task.problem, maximumImpact: maximumImpact)
        } catch {
            switch error {
            case .impactOutOfReach, .overconstrained:
                if let relax = unrestricted.relaxation(of: restrictions, maximumImpact: maximumImpact) {
                    throw PlanningError.contradiction(relax: relax, budget: nil)
                }
            default: break
            }
            throw error
        }
    }
}
