/// The ways to put segments on places in order, the one with the least bound first.
///
/// At given prices what a segment costs on a place does not depend on the others, so the least cost of the segments from one on
/// is exact, and a search that is led by it never goes astray: every way costs as many steps as there are segments.
struct OrderedPlaces {
    /// Ways to place the first segments.
    private struct Beginning {
        let places: [Int]
        /// What the placed segments cost.
        let cost: Double
        /// What all segments cost at least.
        let least: Double
    }

    private let values: [[Double]]
    /// Of each segment and place, the least cost of the segments from there on, none before that place.
    private let rest: [[Double]]
    /// A heap, the least first.
    private var heap: [Beginning] = []

    /// Begins.
    ///
    /// - Parameter values: What each segment costs on each place; infinite where it cannot be.
    init(_ values: [[Double]]) {
        self.values = values
        let places = values.first?.count ?? 1
        var rest = [[Double](repeating: 0, count: places)]
        for segment in values.reversed() {
            var least = Double.infinity
            var row = [Double](repeating: 0, count: places)
            for place in stride(from: places - 1, through: 0, by: -1) {
                least = min(least, segment[place] + (rest.last?[place] ?? 0))
                row[place] = least
            }
            rest.append(row)
        }
        self.rest = rest.reversed()
        let least = self.rest.first?.first ?? 0
        if least < .infinity { push(Beginning(places: [], cost: 0, least: least)) }
    }

    /// The next way, or nil where there are no more.
    mutating func next() -> (places: [Int], cost: Double)? {
        while let beginning = pop() {
            let segment = beginning.places.count
            guard segment < values.count else { return (beginning.places, beginning.cost) }
            for place in (beginning.places.last ?? 0)..<values[segment].count {
                let cost = beginning.cost + values[segment][place]
                guard cost + rest[segment + 1][place] < .infinity else { continue }
                push(
                    Beginning(
                        places: beginning.places + [place],
                        cost: cost,
                        least: cost + rest[segment + 1][place]
                    )
                )
            }
        }
        return nil
    }

    private static func precedes(_ first: Beginning, _ second: Beginning) -> Bool {
        if first.least != second.least { return first.least < second.least }
        // Of the same promise, the one that is further.
        if first.places.count != second.places.count { return first.places.count > second.places.count }
        return second.places.lexicographicallyPrecedes(first.places)
    }

    private mutating func push(_ beginning: Beginning) {
        heap.append(beginning)
        var index = heap.count - 1
        while index > 0, Self.precedes(heap[index], heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func pop() -> Beginning? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var index = 0
        while true {
            let children = [2 * index + 1, 2 * index + 2].filter { $0 < heap.count }
            guard let child = children.min(by: { Self.precedes(heap[$0], heap[$1]) }),
                Self.precedes(heap[child], heap[index])
            else { return first }
            heap.swapAt(index, child)
            index = child
        }
    }
}
