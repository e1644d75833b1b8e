/// The greedy allocator: the relaxation's rounded-down plan, then whatever still fits, the most valuable first.
struct GreedyFill {
    /// The candidate chosen per layer.
    private(set) var choice: [Int32]
    /// The bytes left unused.
    private(set) var slack: Int

    /// Walks on along the hulls from the relaxation's plan, then exchanges single options while one fits.
    init(
        _ candidates: Candidates,
        _ hulls: ConvexHulls,
        from relaxation: LinearRelaxation,
        layerOfVertex: [Int32]
    ) {
        choice = relaxation.base
        slack = relaxation.slack
        for vertex in hulls.order[relaxation.position...] {
            let layer = Int(layerOfVertex[Int(vertex)])
            let target = hulls.candidate[Int(vertex)]
            let growth = candidates.weight[Int(target)] - candidates.weight[Int(choice[layer])]
            if growth <= slack {
                choice[layer] = target
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
        // The room only shrinks, so a layer whose next option does not fit is never looked at again.
        var open = (0..<candidates.layerCount).filter { layer in
            let next = Int(choice[layer]) + 1
            return next < candidates.first[layer + 1]
                && candidates.weight[next] - candidates.weight[next - 1] <= slack
        }
        while !open.isEmpty {
            var best: (layer: Int, candidate: Int, saving: Double)?
            open.removeAll { layer in
                let now = Int(choice[layer])
                var target = now
                while target + 1 < candidates.first[layer + 1],
                    candidates.weight[target + 1] - candidates.weight[now] <= slack
                {
                    target += 1
                }
                guard target > now else { return true }
                let saving = candidates.cost[now] - candidates.cost[target]
                if saving > best?.saving ?? 0 {
                    best = (layer, target, saving)
                }
                return false
            }
            guard let best else { return }
            slack -= candidates.weight[best.candidate] - candidates.weight[Int(choice[best.layer])]
            choice[best.layer] = Int32(best.candidate)
        }
    }
}
