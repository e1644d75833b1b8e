/// Whole numbers as ranges, as in `0-2, 5, 7-9`.
enum NumberRanges {
    /// Writes ascending numbers, runs of two or more as a range.
    static func text(_ numbers: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }

    /// Reads what ``text(_:)`` writes.
    static func numbers(_ text: some StringProtocol) -> [Int]? {
        var numbers: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { Int($0.drop { $0 == " " }) }
            guard let first = ends.first, let lower = first, let last = ends.last, let upper = last,
                ends.count <= 2, lower <= upper, upper - lower < FluxPlace.blocks
            else { return nil }
            numbers += lower...upper
        }
        return numbers
    }
}
