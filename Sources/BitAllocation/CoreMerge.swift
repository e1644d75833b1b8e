/// The ways on from all states at a place of a core, in order of weight.
///
/// Every way on shifts all states by the same weight, so that each is a row in order of weight; the rows are merged.
enum CoreMerge {
    /// One way to go on from every state.
    private struct Shift {
        var weight: Int
        var cost: Double
        /// The alternative's index, or −1 for the base.
        var choice: Int32
    }

    /// Calls a body with one state after another as it becomes, until the body returns false.
    ///
    /// It is inlined, so that the body costs no call, and the rows' cursors no check that nobody else has them.
    ///
    /// - Parameters:
    ///   - states: The states before the place, at least one.
    ///   - place: The place.
    ///   - core: The core.
    ///   - body: Is given the weight and the cost of what becomes of a state, the state's node, and the alternative's index, or −1 for the
    ///     base. Of states of one weight those of an earlier alternative come first.
    @inline(__always)
    static func forEach(
        of states: CoreStates,
        over place: Int,
        in core: Core,
        _ body: (_ weight: Int, _ cost: Double, _ origin: Int32, _ choice: Int32) -> Bool
    ) {
        let shifts = shifts(ofPlace: place, in: core)
        // The state of each row that comes next, and its weight once it is shifted.
        var cursors = [Int](repeating: 0, count: shifts.count)
        var heads = shifts.map { states.weight[0] + $0.weight }
        while true {
            var pick = -1
            var weight = Int.max
            for index in heads.indices where heads[index] < weight {
                weight = heads[index]
                pick = index
            }
            guard pick >= 0 else { return }
            let cursor = cursors[pick]
            cursors[pick] = cursor + 1
            heads[pick] =
                cursor + 1 < states.count ? states.weight[cursor + 1] + shifts[pick].weight : Int.max
            let cost = states.cost[cursor] + shifts[pick].cost
            guard body(weight, cost, states.node[cursor], shifts[pick].choice) else { return }
        }
    }

    /// The ways to go on at a place, of which the first leaves the unit at its base.
    private static func shifts(ofPlace place: Int, in core: Core) -> [Shift] {
        let alternatives = core.alternatives(ofPlace: place)
        var shifts = [Shift(weight: 0, cost: 0, choice: -1)]
        for (index, alternative) in zip(alternatives.indices, alternatives) {
            shifts.append(Shift(weight: alternative.weight, cost: alternative.cost, choice: Int32(index)))
        }
        return shifts
    }
}
