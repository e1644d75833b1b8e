/// The part of a problem that is still open: the units and candidates that a better plan than the incumbent could use.
///
/// Against the relaxation's base plan every candidate has a reduced cost `Δcost + λ · Δweight ≥ 0`. A plan that uses it costs
/// at least the relaxation's bound plus that, so a candidate whose reduced cost reaches the distance from the bound to the
/// incumbent is fixed away (Pisinger, A minimal algorithm for the multiple-choice knapsack problem, 1995).
struct Core {
    /// An alternative to a unit's base candidate.
    struct Alternative {
        /// Its index in the candidates.
        var candidate: Int32
        /// Its weight less the base candidate's.
        var weight: Int
        /// Its cost less the base candidate's.
        var cost: Double
    }

    /// The open units, those with the cheapest alternative first.
    private(set) var units: [Int32] = []
    /// Where each open unit's alternatives start; one more element than there are open units.
    private(set) var first: [Int32] = [0]
    /// The alternatives of all open units.
    private(set) var alternatives: [Alternative] = []
    /// The smallest reduced cost of each open unit, in rising order.
    private(set) var leastReducedCost: [Double] = []

    func alternatives(ofPlace place: Int) -> ArraySlice<Alternative> {
        alternatives[Int(first[place])..<Int(first[place + 1])]
    }

    /// Collects the alternatives whose reduced cost is at most `reach`.
    init(_ candidates: Candidates, _ relaxation: LinearRelaxation, reach: Double) {
        var open: [(unit: Int32, reducedCost: Double)] = []
        let lambda = relaxation.multiplier
        // Every candidate of every unit is looked at here, at each budget: the one loop that is worth raw pointers.
        candidates.weight.withUnsafeBufferPointer { weight in
            candidates.cost.withUnsafeBufferPointer { cost in
                for unit in 0..<candidates.unitCount {
                    let base = Int(relaxation.base[unit])
                    let baseWeight = weight[base]
                    let baseCost = cost[base]
                    var least = Double.infinity
                    for index in candidates.range(ofUnit: unit) where index != base {
                        let reduced = cost[index] - baseCost + lambda * Double(weight[index] &- baseWeight)
                        least = min(least, reduced)
                    }
                    if least <= reach {
                        open.append((Int32(unit), least))
                    }
                }
            }
        }
        open.sort { $0.reducedCost != $1.reducedCost ? $0.reducedCost < $1.reducedCost : $0.unit < $1.unit }
        for (unit, reducedCost) in open {
            let base = Int(relaxation.base[Int(unit)])
            for index in candidates.range(ofUnit: Int(unit)) where index != base {
                guard Self.reducedCost(candidates, index, base, lambda) <= reach else { continue }
                alternatives.append(
                    Alternative(
                        candidate: Int32(index),
                        weight: candidates.weight[index] - candidates.weight[base],
                        cost: candidates.cost[index] - candidates.cost[base]
                    )
                )
            }
            units.append(unit)
            first.append(Int32(alternatives.count))
            leastReducedCost.append(reducedCost)
        }
    }

    private static func reducedCost(_ candidates: Candidates, _ index: Int, _ base: Int, _ lambda: Double)
        -> Double
    {
        candidates.cost[index] - candidates.cost[base]
            + lambda * Double(candidates.weight[index] - candidates.weight[base])
    }
}
