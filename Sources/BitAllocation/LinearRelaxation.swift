/// The optimum of the linear relaxation at one budget, rounded down to whole options.
///
/// With `base` the vertices reached by the steps that fit, `λ` the slope of the first step that does not, and `slack` the
/// bytes left, every plan within the budget costs at least `baseCost − λ · slack`.
struct LinearRelaxation {
    /// The candidate chosen per unit.
    let base: [Int32]
    /// The cost of the base plan.
    let baseCost: Double
    /// The cost saved per byte by the first step that did not fit: the price of a byte; 0 where every step fits.
    let multiplier: Double
    /// The bytes that the base plan leaves unused.
    let slack: Int
    /// The position of the first step that did not fit in the hulls' order.
    let position: Int

    /// A proven lower limit on the cost of any plan.
    var bound: Double {
        baseCost - multiplier * Double(slack)
    }

    /// Relaxes the problem for a capacity, in bytes above the smallest plan.
    init(_ candidates: Candidates, _ hulls: ConvexHulls, capacity: Int) {
        // The last position whose steps all fit.
        var low = 0
        var high = hulls.order.count
        while low < high {
            let middle = (low + high + 1) / 2
            if hulls.weightBefore[middle] <= capacity {
                low = middle
            } else {
                high = middle - 1
            }
        }
        position = low
        slack = capacity - hulls.weightBefore[low]
        multiplier = low < hulls.order.count ? hulls.slope[Int(hulls.order[low])] : 0
        var base: [Int32] = []
        base.reserveCapacity(candidates.unitCount)
        var total = CompensatedSum()
        for unit in 0..<candidates.unitCount {
            var vertex = Int(hulls.first[unit])
            let end = Int(hulls.first[unit + 1])
            while vertex + 1 < end, Int(hulls.rank[vertex + 1]) < low {
                vertex += 1
            }
            let candidate = hulls.candidate[vertex]
            base.append(candidate)
            total.add(candidates.cost[Int(candidate)])
        }
        self.base = base
        baseCost = total.value
    }
}
