/// What is decided together: single layers, and layers that are tied to take one format.
///
/// Units stand in the order of their first layers.
struct Units: Sendable {
    let layerCount: Int
    /// The layer of a unit, or the complement of an index into ``tied``; `nil` where every layer is a unit of its own.
    private let members: [Int32]?
    private let tied: [[Int]]

    init(_ problem: AllocationProblem) {
        layerCount = problem.layerCount
        tied = problem.ties
        guard !tied.isEmpty else {
            members = nil
            return
        }
        var tieOf = [Int32](repeating: -1, count: layerCount)
        for (index, tie) in tied.enumerated() {
            for layer in tie {
                tieOf[layer] = Int32(index)
            }
        }
        var members: [Int32] = []
        var seen = [Bool](repeating: false, count: tied.count)
        for layer in 0..<layerCount {
            let tie = tieOf[layer]
            if tie < 0 {
                members.append(Int32(layer))
            } else if !seen[Int(tie)] {
                seen[Int(tie)] = true
                members.append(~tie)
            }
        }
        self.members = members
    }

    var count: Int { members?.count ?? layerCount }

    /// The layer of a unit that has one alone.
    func singleLayer(ofUnit unit: Int) -> Int? {
        guard let members else { return unit }
        let member = members[unit]
        return member >= 0 ? Int(member) : nil
    }

    /// The layers of a unit.
    func layers(ofUnit unit: Int) -> [Int] {
        singleLayer(ofUnit: unit).map { [$0] } ?? tied[Int(~(members?[unit] ?? 0))]
    }

    /// For every format that all layers of a unit may take, the option of each.
    func commonOptions(ofUnit unit: Int, in problem: AllocationProblem, isAllowed: [Bool]?) -> [[Int]] {
        problem.commonOptions(ofLayers: layers(ofUnit: unit), isAllowed: isAllowed)
    }
}
