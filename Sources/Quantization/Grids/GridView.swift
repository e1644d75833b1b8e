/// The tables of a ``Grid`` in memory.
///
/// Indices are checked in debug builds only: keys come from clamped levels, and points and lists from the tables themselves.
@safe
struct GridView {
    private let points: UnsafeBufferPointer<FourFloats>
    private let entries: UnsafeBufferPointer<Int32>
    private let lists: UnsafeBufferPointer<UInt16>
    private let spread: UnsafeBufferPointer<UInt8>

    @inline(__always)
    init(
        points: UnsafeBufferPointer<FourFloats>,
        entries: UnsafeBufferPointer<Int32>,
        lists: UnsafeBufferPointer<UInt16>,
        spread: UnsafeBufferPointer<UInt8>
    ) {
        unsafe self.points = points
        unsafe self.entries = entries
        unsafe self.lists = lists
        unsafe self.spread = spread
    }

    /// The number of a key's point, or −1 less where the list of the points near it begins.
    @inline(__always)
    func entry(_ key: UInt32) -> Int { unsafe Int(entries[Int(key)]) }

    /// Four elements of a point, or of the halves of points of eight elements.
    @inline(__always)
    func elements(_ position: Int) -> FourFloats { unsafe points[position] }

    /// How many fours of points a list has.
    @inline(__always)
    func fours(ofList list: Int) -> Int { unsafe Int(lists[list]) }

    /// The point at a position of a list.
    @inline(__always)
    func point(_ position: Int, ofList list: Int) -> Int { unsafe Int(lists[list + 1 + position]) }

    /// The point of a list that leaves the least error in a lane, for points of four elements, with vectors of eight.
    ///
    /// - Parameters:
    ///   - list: The list.
    ///   - row: The group's elements.
    ///   - weights: The weight of each squared error.
    ///   - lane: The lane.
    ///   - scale: What the points are multiplied by.
    /// - Returns: The point, the list's first where no error is a number.
    @inline(__always)
    func nearest(ofList list: Int, row: Lanes, weights: Lanes, lane: Int, scale: Float) -> Int {
        let position = unsafe WideVectors.nearest(
            spread.baseAddress.unsafelyUnwrapped + 4 * (list + 1),
            count: 4 * fours(ofList: list),
            row: row,
            weights: weights,
            lane: lane,
            scale: scale
        )
        return point(position, ofList: list)
    }
}
