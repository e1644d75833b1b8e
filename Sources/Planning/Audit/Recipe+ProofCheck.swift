public import Recipes

extension Recipe {
    /// What the plan minimises: its impact, its bytes, or its seconds per token.
    public var objective: Double {
        switch proof.objective {
        case .impact: impact.total
        case .bytes: Double(size.bytes)
        case .time: devices?.speed.map { 1 / $0 } ?? 0
        }
    }

    /// What the proof says otherwise than its bound and the plan's impact or size make it.
    ///
    /// - Returns: The differences; none where the bound is no greater than the objective, the gap is that between them, and
    ///   `optimal` stands only beside a gap of at most ``Proof/tolerance``, and beside one that is surely no more.
    public var proofDifferences: [RecipeDifference] {
        let objective = objective
        var differences: [RecipeDifference] = []
        if proof.bound > objective {
            differences.append(
                RecipeDifference(
                    place: "the plan",
                    figure: "bound",
                    planned: "\(proof.bound)",
                    found: "at most \(objective)"
                )
            )
        }
        let gap = objective > 0 ? max(0, (objective - proof.bound) / objective) : 0
        if abs(gap - proof.gap) > 1e-12 {
            differences.append(
                RecipeDifference(place: "the plan", figure: "gap", planned: "\(proof.gap)", found: "\(gap)")
            )
        }
        if proof.status == .optimal, gap > Proof.tolerance {
            differences.append(
                RecipeDifference(
                    place: "the plan",
                    figure: "status",
                    planned: Proof.Status.optimal.rawValue,
                    found: Proof.Status.feasible.rawValue
                )
            )
        } else if proof.status == .feasible, proof.solver != .greedy, proof.bound <= objective,
            gap <= Proof.tolerance / 2
        {
            // The greedy allocator calls nothing optimal. Half of the tolerance, as rss is proven by the squares of impacts.
            differences.append(
                RecipeDifference(
                    place: "the plan",
                    figure: "status",
                    planned: Proof.Status.feasible.rawValue,
                    found: Proof.Status.optimal.rawValue
                )
            )
        }
        return differences
    }
}
