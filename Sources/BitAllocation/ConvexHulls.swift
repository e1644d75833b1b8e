/// The lower convex hull of every unit's candidates, and the steps along all hulls in order of worth.
///
/// A step leads from one vertex of a unit's hull to the next larger one; its slope is the cost it saves per byte. Taken
/// in order of falling slope, the steps give the optimum of the linear relaxation at every budget (Sinha and Zoltners, The
/// multiple-choice knapsack problem, 1979).
struct ConvexHulls: Sendable {
    /// Where each unit's vertices start; one more element than there are units.
    private(set) var first: [Int32]
    /// The candidate that each vertex stands for.
    private(set) var candidate: [Int32] = []
    /// The cost saved per byte by the step that leads to each vertex; infinite for a unit's first.
    private(set) var slope: [Double] = []
    /// The vertices that steps lead to, steepest first.
    private(set) var order: [Int32] = []
    /// The position in ``order`` of the step to each vertex; −1 for a unit's first vertex.
    private(set) var rank: [Int32] = []
    /// The weight of all steps before each position in ``order``; one more element than there are steps.
    private(set) var weightBefore: [Int] = [0]
    /// The weight of the lightest step at each position in ``order`` or after it.
    private(set) var lightestFrom: [Int] = []

    init(_ candidates: Candidates) {
        first = [0]
        first.reserveCapacity(candidates.unitCount + 1)
        candidate.reserveCapacity(candidates.weight.count)
        slope.reserveCapacity(candidates.weight.count)
        let weight = candidates.weight
        let cost = candidates.cost
        for unit in 0..<candidates.unitCount {
            let start = candidate.count
            for index in candidates.range(ofUnit: unit) {
                while true {
                    guard candidate.count > start else {
                        candidate.append(Int32(index))
                        slope.append(.infinity)
                        break
                    }
                    let last = Int(candidate[candidate.count - 1])
                    let gain = (cost[last] - cost[index]) / Double(weight[index] - weight[last])
                    if gain < slope[slope.count - 1] {
                        candidate.append(Int32(index))
                        slope.append(gain)
                        break
                    }
                    candidate.removeLast()
                    slope.removeLast()
                }
            }
            first.append(Int32(candidate.count))
        }
        sortSteps(candidates)
    }

    private mutating func sortSteps(_ candidates: Candidates) {
        var steps: [SlopeOrder.Step] = []
        steps.reserveCapacity(candidate.count)
        for unit in 0..<candidates.unitCount {
            for vertex in Int(first[unit]) + 1..<max(Int(first[unit]) + 1, Int(first[unit + 1])) {
                steps.append(SlopeOrder.Step(slope: slope[vertex], vertex: Int32(vertex)))
            }
        }
        SlopeOrder.sort(&steps)
        rank = [Int32](repeating: -1, count: candidate.count)
        order.reserveCapacity(steps.count)
        weightBefore.reserveCapacity(steps.count + 1)
        var total = 0
        for (position, step) in steps.enumerated() {
            let vertex = Int(step.vertex)
            order.append(step.vertex)
            rank[vertex] = Int32(position)
            total += candidates.weight[Int(candidate[vertex])] - candidates.weight[Int(candidate[vertex - 1])]
            weightBefore.append(total)
        }
        lightestFrom = [Int](repeating: .max, count: steps.count)
        var lightest = Int.max
        for position in steps.indices.reversed() {
            lightest = min(lightest, weightBefore[position + 1] - weightBefore[position])
            lightestFrom[position] = lightest
        }
    }
}
