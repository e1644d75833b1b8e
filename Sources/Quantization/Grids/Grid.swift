/// The combinations of levels that groups of elements may take together in an `IQ` format, and for all others the points near them.
///
/// A combination of levels has a key, the number whose digits are the levels, that of the first element the lowest. Where it is no
/// point of the grid, the search looks at the points at the few smallest distances from it: all those at each, the nearest first, and
/// at the same distance in the grid's order, as ggml's `iq2xs_init_impl` and `iq3xs_init_impl` list them.
struct Grid: Sendable {
    /// The number of elements in a group, 4 or 8.
    let groupLength: Int
    /// The number of levels of an element.
    let levelCount: Int

    /// The points in their order, as odd numbers: the level `l` is `2l + 1`.
    ///
    /// Four elements make a vector.
    private let points: [FourFloats]
    /// For each key, the number of its point, or −1 less where its list begins.
    private let entries: [Int32]
    /// Lists of points: how many fours there are, then the points, of which the last is repeated up to a whole four, for points of four
    /// elements to a whole eight.
    private let lists: [UInt16]
    /// The elements of the lists' points where these have four: the first ones of eight points, then their second ones, and so on.
    ///
    /// A point of a list takes four bytes, and so does how many there are, so that eight points begin at four times their place in the lists.
    private let spread: [UInt8]

    /// Creates a grid.
    ///
    /// - Parameters:
    ///   - groupLength: The number of elements in a group, 4 or 8.
    ///   - levelCount: The number of levels of an element.
    ///   - shells: The number of smallest distances at which points are listed.
    ///   - members: A bit for each key, whether it is a point's, four to a hexadecimal digit, the lowest first.
    init(groupLength: Int, levelCount: Int, shells: Int, members: String) {
        self.groupLength = groupLength
        self.levelCount = levelCount
        let digits = members.map { $0.hexDigitValue ?? 0 }
        let keys = (0..<(4 * digits.count)).filter { digits[$0 / 4] >> ($0 % 4) & 1 == 1 }
        // A key is that of one half of the group and that of the other.
        let halfCount = (0..<(groupLength / 2)).reduce(1) { count, _ in count * levelCount }
        func level(_ key: Int, _ index: Int) -> Int {
            (0..<index).reduce(key) { rest, _ in rest / levelCount } % levelCount
        }
        points = keys.flatMap { key in
            stride(from: 0, to: groupLength, by: 4).map { first in
                FourFloats((0..<4).map { Float(2 * level(key, first + $0) + 1) })
            }
        }
        let halfDistances = (0..<(halfCount * halfCount)).map { pair in
            (0..<(groupLength / 2)).reduce(0) { sum, index in
                let difference = level(pair / halfCount, index) - level(pair % halfCount, index)
                return sum + difference * difference
            }
        }
        var entries = [Int32](repeating: 0, count: halfCount * halfCount)
        var lists: [UInt16] = []
        for (point, key) in keys.enumerated() { entries[key] = Int32(point) + 1 }
        let largest = groupLength * (levelCount - 1) * (levelCount - 1)
        var distances = [Int](repeating: 0, count: keys.count)
        for key in entries.indices {
            guard entries[key] == 0 else {
                entries[key] -= 1
                continue
            }
            let (high, low) = (key / halfCount * halfCount, key % halfCount * halfCount)
            var isUsed = [Bool](repeating: false, count: largest + 1)
            for (point, other) in keys.enumerated() {
                let distance =
                    halfDistances[high + other / halfCount] + halfDistances[low + other % halfCount]
                distances[point] = distance
                isUsed[distance] = true
            }
            entries[key] = -1 - Int32(lists.count)
            lists.append(0)
            let first = lists.count
            for distance in isUsed.indices.filter({ isUsed[$0] }).prefix(shells) {
                for point in distances.indices where distances[point] == distance {
                    lists.append(UInt16(point))
                }
            }
            while let last = lists.last, (lists.count - first) % (groupLength == 4 ? 8 : 4) != 0 {
                lists.append(last)
            }
            lists[first - 1] = UInt16((lists.count - first) / 4)
        }
        self.entries = entries
        self.lists = lists
        var spread: [UInt8] = []
        if groupLength == 4 {
            spread = [UInt8](repeating: 0, count: 4 * lists.count)
            var first = 1
            while first < lists.count {
                let count = 4 * Int(lists[first - 1])
                for place in 0..<count {
                    let elements = points[Int(lists[first + place])]
                    let start = 4 * (first + place / 8 * 8) + place % 8
                    for index in 0..<4 { spread[start + 8 * index] = UInt8(elements[index]) }
                }
                first += count + 1
            }
        }
        self.spread = spread
    }

    /// Runs the body with the tables' memory.
    @inline(__always)
    func withView<Result>(_ body: (GridView) -> Result) -> Result {
        unsafe points.withUnsafeBufferPointer { points in
            unsafe entries.withUnsafeBufferPointer { entries in
                unsafe lists.withUnsafeBufferPointer { lists in
                    unsafe spread.withUnsafeBufferPointer { spread in
                        unsafe body(
                            GridView(points: points, entries: entries, lists: lists, spread: spread)
                        )
                    }
                }
            }
        }
    }
}
