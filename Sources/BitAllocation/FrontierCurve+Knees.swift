extension FrontierCurve {
    /// How far below the straight line a plan has to stand to be a knee, in the unit square.
    public static let kneeDistance = 0.04

    /// The indices of the knees, where the curve bends: before them a byte buys much, after them little.
    ///
    /// Size and impact are scaled so that the curve runs from (0, 1) to (1, 0). A knee is the plan farthest below the
    /// straight line between the two ends (Satopää et al., Finding a "kneedle" in a haystack, 2011). The same is asked again
    /// of the parts to the left and to the right of a knee, each with a line of its own (Douglas and Peucker, 1973), as
    /// long as a plan stands at least ``kneeDistance`` below the line.
    public var knees: [Int] {
        guard let first = points.first, let last = points.last, last.bytes > first.bytes,
            first.impact > last.impact
        else { return [] }
        let width = Double(last.bytes - first.bytes)
        let height = first.impact - last.impact
        let scaled = points.map { point in
            (x: Double(point.bytes - first.bytes) / width, y: (point.impact - last.impact) / height)
        }
        var knees: [Int] = []
        var parts = [(low: 0, high: points.count - 1)]
        while let part = parts.popLast() {
            guard part.high - part.low > 1 else { continue }
            let (start, end) = (scaled[part.low], scaled[part.high])
            let length = ((end.x - start.x) * (end.x - start.x) + (end.y - start.y) * (end.y - start.y))
                .squareRoot()
            var knee = part.low
            var farthest = 0.0
            for index in part.low + 1..<part.high {
                let point = scaled[index]
                // The cross product over the line's length is the distance; below the line it is positive.
                let distance =
                    ((point.x - start.x) * (end.y - start.y) - (point.y - start.y) * (end.x - start.x))
                    / length
                if distance > farthest {
                    farthest = distance
                    knee = index
                }
            }
            guard farthest >= Self.kneeDistance else { continue }
            knees.append(knee)
            parts.append((part.low, knee))
            parts.append((knee, part.high))
        }
        return knees.sorted()
    }
}
