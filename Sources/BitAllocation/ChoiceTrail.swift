/// How the states of a search over a core came about: what each took last, and from which state.
///
/// A state that takes what its base has adds nothing, so its node is that of the state before it; −1 is the state that took
/// nothing yet.
struct ChoiceTrail {
    private var parents: [Int32] = []
    private var chosen: [Int32] = []

    /// The choices that were remembered; each takes eight bytes.
    var count: Int { chosen.count }

    /// Remembers a choice.
    ///
    /// - Parameters:
    ///   - code: What was chosen, in the search's own numbers.
    ///   - parent: The node of the state that it was chosen from.
    /// - Returns: The node of the new state.
    @inline(__always)
    mutating func record(_ code: Int32, after parent: Int32) -> Int32 {
        let node = Int32(chosen.count)
        parents.append(parent)
        chosen.append(code)
        return node
    }

    /// What was chosen on the way to a node, the last first.
    func codes(to node: Int32) -> [Int32] {
        var found: [Int32] = []
        var node = node
        while node >= 0 {
            found.append(chosen[Int(node)])
            node = parents[Int(node)]
        }
        return found
    }

    /// The alternative of every place on the way to a node, where the codes are those of ``code(ofPlace:alternative:)``.
    func alternatives(to node: Int32, places: Int) -> [Int] {
        var chosen = [Int](repeating: 0, count: places)
        for code in codes(to: node) { chosen[Int(code >> 8)] = Int(code & 0xFF) }
        return chosen
    }

    /// A place and one of at most 256 alternatives of it in one number.
    @inline(__always)
    static func code(ofPlace place: Int, alternative: Int) -> Int32 {
        Int32(place) << 8 | Int32(alternative)
    }
}
