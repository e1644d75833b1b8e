/// The greedy allocator: the relaxation's rounded-down plan, then whatever still fits, the most valuable first.
struct GreedyFill {
    /// The candidate chosen per unit.
    private(set) var choice: [Int32]
    /// The bytes left unused.
    private(set) var slack: Int

    /// Walks on along the hulls from the relaxation's plan, then exchanges single options while one fits.
    init(
        _ candidates: Candidates,
        _ hulls: ConvexHulls,
        from relaxation: LinearRelaxation,
        unitOfVertex: [Int32]
    ) {
        choice = relaxation.base
        slack = relaxation.slack
        for position in relaxation.position..<hulls.order.count {
            // No step from here on is as small as the room that is left.
            guard hulls.lightestFrom[position] <= slack else { break }
            let vertex = hulls.order[position]
            let unit = Int(unitOfVertex[Int(vertex)])
            let target = hulls.candidate[Int(vertex)]
            let growth = candidates.weight[Int(target)] - candidates.weight[Int(choice[unit])]
            if growth <= slack {
                choice[unit] = target
                slack -= growth
            }
        }
        fill(candidates)
    }

    /// Starts from a given plan and exchanges single options while one fits.
    init(_ candidates: Candidates, from choice: [Int32], slack: Int) {
        self.choice = choice
        self.slack = slack
        fill(candidates)
    }

    private mutating func fill(_ candidates: Candidates) {
        // The room only shrinks, so a unit whose next option does not fit is never looked at again.
        var open = (0..<candidates.unitCount).filter { unit in
            let next = Int(choice[unit]) + 1
            return next < candidates.first[unit + 1]
                && candidates.weight[next] - candidates.weight[next - 1] <= slack
        }
        while !open.isEmpty {
            var best: (unit: Int, candidate: Int, saving: Double)?
            open.removeAll { unit in
                let now = Int(choice[unit])
                var target = now
                while target + 1 < candidates.first[unit + 1],
                    candidates.weight[target + 1] - candidates.weight[now] <= slack
                {
                    target += 1
                }
                guard target > now else { return true }
                let saving = candidates.cost[now] - candidates.cost[target]
                if saving > best?.saving ?? 0 {
                    best = (unit, target, saving)
                }
                return false
            }
            guard let best else { return }
            slack -= candidates.weight[best.candidate] - candidates.weight[Int(choice[best.unit])]
            choice[best.unit] = Int32(best.candidate)
        }
    }
}
