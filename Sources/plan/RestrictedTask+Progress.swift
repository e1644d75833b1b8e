import BitAllocation
import Planning
import Reports
import Runtimes

extension RestrictedTask {
    /// Finds the plan that a goal asks for, and shows on a terminal that it is at work; where a card leaves no plan, what takes its
    /// memory is said first.
    func showPlan(for goal: Goal, with allocator: Allocator) throws -> PlannedModel {
        do {
            return try LongWork.run("the plan", with: allocator) { try plan(for: goal, with: $0) }
        } catch {
            switch goal {
            case .card(let request): sayWhatTakes(request)
            case .devices(let list, _, let request): sayWhatTakes(request, on: list, error)
            case .budget, .impact: break
            }
            throw error
        }
    }

    /// Finds a plan within a number of bytes, which a card may have left, as ``showPlan(for:with:)`` does.
    func showPlan(within budget: Int, on request: CardRequest?, with allocator: Allocator) throws
        -> AllocationPlan
    {
        do {
            return try LongWork.run("the plan", with: allocator) { try plan(within: budget, with: $0) }
        } catch {
            if let request { sayWhatTakes(request) }
            throw error
        }
    }

    /// A card as the budget; where it leaves nothing, what takes its memory is said first.
    mutating func showBudget(of request: CardRequest) throws -> CardBudget {
        sayNotes(request)
        do {
            return try budget(of: request)
        } catch {
            sayWhatTakes(request)
            throw error
        }
    }

    /// Says what is unusual about what is to run.
    func sayNotes(_ request: CardRequest) {
        for note in request.notes(for: input.model) { Console.note(note) }
    }

    /// Says what takes memory of a card.
    private func sayWhatTakes(_ request: CardRequest) {
        guard let memory = try? request.memory(for: input.model) else { return }
        var task = task
        let lines =
            (try? CardBudget(memory, for: &task)).map {
                CardSummary($0, for: task).lines(width: Console.width)
            }
            ?? CardSummary.lines(of: memory, width: Console.width)
        for line in lines { Console.note(line) }
        if memory.claims.contains(where: { $0.name == LlamaCpp.cacheName }) {
            Console.note("a shorter --context, or a smaller --kv such as q8_0, leaves more for weights")
        }
    }

    /// Says what takes memory of devices that no plan fits.
    private func sayWhatTakes(_ request: CardRequest, on list: [Device], _ error: any Error) {
        switch error as? PlanningError {
        case .devicesTooSmall, .deviceFull: break
        default: return
        }
        guard let devices = try? LlamaCppDevices(input.model, on: list, request) else { return }
        for line in DeviceSummary.lines(of: devices, width: Console.width) { Console.note(line) }
    }

    /// Finds the best plan of the size of each of some plans, and shows on a terminal how far that is.
    func showBest(of plans: inout [ComparedPlan], with allocator: Allocator) {
        LongWork.run("plans of other plans' sizes", with: allocator) { findBest(for: &plans, with: $0) }
    }
}
