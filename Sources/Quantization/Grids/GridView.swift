/// The tables of a ``Grid`` in memory.
///
/// Indices are checked in debug builds only: keys come from clamped levels, and points and lists from the tables themselves.
@safe
struct GridView {
    private let points: UnsafeBufferPointer<FourFloats>
    private let entries: UnsafeBufferPointer<Int32>
    private let lists: UnsafeBufferPointer<UInt16>

    @inline(__always)
    init(
        points: UnsafeBufferPointer<FourFloats>,
        entries: UnsafeBufferPointer<Int32>,
        lists: UnsafeBufferPointer<UInt16>
    ) {
        unsafe self.points = points
        unsafe self.entries = entries
        unsafe self.lists = lists
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
}
