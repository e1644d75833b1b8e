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

    /// The floats of the vectors, one vector after the other.
    @inline(__always)
    var floats: UnsafeMutablePointer<Float> {
        unsafe UnsafeMutableRawPointer(base).assumingMemoryBound(to: Float.self)
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

    /// One lane of a vector.
    @inline(__always)
    func scalar(_ index: Int, lane: Int) -> Float {
        assert(index >= 0 && index < count && lane >= 0 && lane < EightFloats.laneCount)
        return unsafe UnsafeRawPointer(base + index).load(fromByteOffset: 4 * lane, as: Float.self)
    }

    /// Sets one lane of a vector.
    @inline(__always)
    func setScalar(_ value: Float, index: Int, lane: Int) {
        assert(index >= 0 && index < count && lane >= 0 && lane < EightFloats.laneCount)
        unsafe UnsafeMutableRawPointer(base + index)
            .storeBytes(of: value, toByteOffset: 4 * lane, as: Float.self)
    }

    /// Sets the first or the last four lanes of a vector, whose first one is named.
    @inline(__always)
    func setFour(_ value: FourFloats, index: Int, lane: Int) {
        assert(index >= 0 && index < count && (lane == 0 || lane == 4))
        unsafe UnsafeMutableRawPointer(base + index)
            .storeBytes(of: value, toByteOffset: 4 * lane, as: FourFloats.self)
    }

    /// The view without its first vectors.
    @inline(__always)
    func dropFirst(_ dropped: Int) -> Lanes {
        assert(dropped >= 0 && dropped <= count)
        return unsafe Lanes(base: base + dropped, count: count - dropped)
    }
}
