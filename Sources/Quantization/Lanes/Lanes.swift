/// A run of eight-lane vectors in a ``Tile``'s memory.
///
/// Subscripts are checked in debug builds only: every index is a loop's counter below a format's own constants.
@safe
struct Lanes {
    private let base: UnsafeMutablePointer<EightFloats>
    private let count: Int

    /// Creates a view; the caller keeps the memory alive for as long as the view is used.
    @inline(__always)
    init(base: UnsafeMutablePointer<EightFloats>, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    @inline(__always)
    subscript(index: Int) -> EightFloats {
        get {
            assert(index >= 0 && index < count)
            return unsafe base[index]
        }
        nonmutating set {
            assert(index >= 0 && index < count)
            unsafe base[index] = newValue
        }
    }

    /// The view without its first vectors.
    @inline(__always)
    func dropFirst(_ dropped: Int) -> Lanes {
        assert(dropped >= 0 && dropped <= count)
        return unsafe Lanes(base: base + dropped, count: count - dropped)
    }
}
