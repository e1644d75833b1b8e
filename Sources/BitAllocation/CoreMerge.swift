/// The ways on from all states at a place of a core, in order of weight.
///
/// Every way on shifts all states by the same weight, so that each is a row in order of weight; the rows are merged.
struct CoreMerge {
    /// One way to go on from every state.
    private struct Shift {
        var weight: Int
        var cost: Double
        /// The alternative's index, or −1 for the base.
        var choice: Int32
    }

    private let shifts: [Shift]
    /// The state of each row that comes next.
    private var cursors: [Int]
    /// Its weight once it is shifted.
    private var heads: [Int]

    /// Begins with the lightest state, of which there has to be one.
    init(of states: CoreStates, over place: Int, in core: Core) {
        let alternatives = core.alternatives(ofPlace: place)
        // The first leaves the unit at its base.
        var shifts = [Shift(weight: 0, cost: 0, choice: -1)]
        for (index, alternative) in zip(alternatives.indices, alternatives) {
            shifts.append(Shift(weight: alternative.weight, cost: alternative.cost, choice: Int32(index)))
        }
        self.shifts = shifts
        cursors = [Int](repeating: 0, count: shifts.count)
        heads = shifts.map { states.weight[0] + $0.weight }
    }

    /// The least weight that is left, and the row that it is in; of equal ones the first row.
    @inline(__always)
    func lightest() -> (weight: Int, shift: Int)? {
        var pick = -1
        var weight = Int.max
        for index in heads.indices where heads[index] < weight {
            weight = heads[index]
            pick = index
        }
        return pick >= 0 ? (weight, pick) : nil
    }

    /// Takes the next state of a row.
    ///
    /// - Parameters:
    ///   - shift: The row.
    ///   - states: The states that are merged.
    /// - Returns: The cost of the new state, the node of the one that it comes from, and the alternative's index, or −1 for the base.
    @inline(__always)
    mutating func take(_ shift: Int, of states: CoreStates) -> (cost: Double, origin: Int32, choice: Int32) {
        let cursor = cursors[shift]
        cursors[shift] = cursor + 1
        heads[shift] =
            cursor + 1 < states.count ? states.weight[cursor + 1] + shifts[shift].weight : Int.max
        return (states.cost[cursor] + shifts[shift].cost, states.node[cursor], shifts[shift].choice)
    }
}
