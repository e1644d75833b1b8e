public import BitAllocation

extension Allocator {
    /// What a plan becomes when one layer has to take each of its formats in turn.
    ///
    /// - Parameters:
    ///   - layer: The layer's index.
    ///   - problem: The problem, whose budget and restrictions hold.
    /// - Returns: For every option of the layer, the best plan that takes it, or why there is none: `AllocationError.limitReached`
    ///   where an end was asked for before the search began.
    public func plans(
        pinningLayer layer: Int,
        of problem: AllocationProblem
    ) -> [(option: Int, plan: Result<AllocationPlan, AllocationError>)] {
        let options = problem.options(ofLayer: layer)
        return options.map { option in
            progress(option - options.lowerBound, options.count)
            guard problem.isAllowed?[option] ?? true else {
                return (option, .failure(.layerWithoutOptions(problem.layerNames[layer])))
            }
            var pinned = problem
            pinned.forbid { $0 == layer && $1 != option }
            do throws(AllocationError) {
                guard !isStopped else { throw .limitReached }
                return (option, .success(try plan(for: pinned)))
            } catch {
                return (option, .failure(error))
            }
        }
    }
}

extension FrontierCurve {
    /// Between which budgets the best plans go on giving a layer the option that a plan gives it.
    ///
    /// - Parameters:
    ///   - layer: The layer's index.
    ///   - option: The option that the plan gives the layer.
    ///   - budget: The budget at which the plan was made.
    /// - Returns: The least budget from which on the option is kept up to `budget`, with the option before, and the least
    ///   budget above at which it is given up, with the option after; `nil` on a side on which it never changes.
    public func change(
        ofLayer layer: Int,
        from option: Int,
        at budget: Int
    ) -> (below: (budget: Int, option: Int)?, above: (budget: Int, option: Int)?) {
        guard let index = index(within: budget) else { return (nil, nil) }
        var below: (budget: Int, option: Int)?
        if let last = points[...index].lastIndex(where: { $0.choices[layer] != option }), last < index {
            below = (points[last + 1].bytes, points[last].choices[layer])
        }
        let next = points[(index + 1)...].first { $0.choices[layer] != option }
        return (below, next.map { ($0.bytes, $0.choices[layer]) })
    }
}
