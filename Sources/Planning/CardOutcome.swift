public import BitAllocation
public import Runtimes

/// What becomes of a task on a card.
public struct CardOutcome: Sendable {
    /// What takes memory of the card.
    public let memory: CardMemory
    /// The most bytes that the plan's file may have, or that any may where there is no plan; nil where nothing is left for weights.
    public let fileBytes: Int?
    /// The plan; nil where none fits.
    public let plan: AllocationPlan?

    /// What the keys and values take, in bytes, where the runtime keeps any that are known.
    public var cacheBytes: Int? { memory.claims.first { $0.name == LlamaCpp.cacheName }?.bytes }
}

extension RestrictedTask {
    /// Finds the plan for a card, if one fits it.
    ///
    /// - Parameters:
    ///   - request: The card, and what is to run on it.
    ///   - allocator: What searches.
    /// - Returns: The plan, and what takes memory of the card.
    /// - Throws: `RuntimeError` where the runtime refuses what is to run, or where it is not known what it keeps, and what the search
    ///   throws other than that nothing fits.
    public func outcome(on request: CardRequest, with allocator: Allocator = Allocator()) throws
        -> CardOutcome
    {
        let memory = try request.memory(for: input.model)
        var task = task
        guard let card = try? CardBudget(memory, for: &task) else {
            return CardOutcome(memory: memory, fileBytes: nil, plan: nil)
        }
        do {
            let plan = try allocator.plan(for: task.problem)
            return CardOutcome(memory: memory, fileBytes: card.fileBytes(of: plan, for: task), plan: plan)
        } catch AllocationError.infeasible, AllocationError.overconstrained {
            return CardOutcome(memory: memory, fileBytes: card.fileBytes, plan: nil)
        }
    }

    /// What a card leaves for the bytes that the task's budget counts.
    ///
    /// - Parameter request: The card, and what is to run on it.
    /// - Returns: The bytes; 0 where nothing is left for weights.
    /// - Throws: `RuntimeError` where it is not known what the runtime keeps.
    public func fileBytes(on request: CardRequest) throws -> Int {
        let memory = try request.memory(for: input.model)
        var task = task
        return (try? CardBudget(memory, for: &task))?.fileBytes ?? 0
    }
}
