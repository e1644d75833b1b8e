/// The states of a search over a core at one place, side by side and in order of weight.
struct CoreStates {
    /// The bytes above the base plan.
    private(set) var weight: [Int] = []
    /// The cost above the base plan.
    private(set) var cost: [Double] = []
    /// How each came about, see ``ChoiceTrail``.
    private(set) var node: [Int32] = []
    /// What any plan that a state leads to costs at least.
    private(set) var limit: [Double] = []

    var count: Int { weight.count }
    var isEmpty: Bool { weight.isEmpty }

    mutating func removeAll() {
        weight.removeAll(keepingCapacity: true)
        cost.removeAll(keepingCapacity: true)
        node.removeAll(keepingCapacity: true)
        limit.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func append(weight: Int, cost: Double, node: Int32, limit: Double) {
        self.weight.append(weight)
        self.cost.append(cost)
        self.node.append(node)
        self.limit.append(limit)
    }

    /// Adds a state that is no lighter than the last one and costs less; of one size it replaces that.
    @inline(__always)
    mutating func keep(weight: Int, cost: Double, node: Int32, limit: Double) {
        if self.weight.last == weight {
            self.cost[self.cost.count - 1] = cost
            self.node[self.node.count - 1] = node
            self.limit[self.limit.count - 1] = limit
        } else {
            append(weight: weight, cost: cost, node: node, limit: limit)
        }
    }

    /// Keeps the states with the lowest limits, in their order.
    ///
    /// - Parameter beam: How many are kept, fewer than there are.
    /// - Returns: The least limit that was dropped.
    mutating func narrow(to beam: Int) -> Double {
        let threshold = limit.sorted()[beam]
        // Many states may share the threshold; only so many of them as there is room for stay.
        var room = beam - limit.reduce(0) { $0 + ($1 < threshold ? 1 : 0) }
        var kept = CoreStates()
        var dropped = Double.infinity
        for index in weight.indices {
            let own = limit[index]
            if own < threshold || (own == threshold && room > 0) {
                if own == threshold { room -= 1 }
                kept.append(weight: weight[index], cost: cost[index], node: node[index], limit: own)
            } else {
                dropped = min(dropped, own)
            }
        }
        self = kept
        return dropped
    }
}
