/// The codes of a tile's elements in the order of the row, in which blocks pack them.
///
/// Indices are checked in debug builds only, as those of ``Lanes``.
@safe
struct Codes {
    private let base: UnsafeMutablePointer<UInt8>

    /// Creates a view of ``Tile/capacity`` bytes; the caller keeps the memory alive for as long as the view is used.
    @inline(__always)
    init(base: UnsafeMutablePointer<UInt8>) {
        unsafe self.base = base
    }

    /// Sixteen codes from an element on.
    @inline(__always)
    subscript(sixteen element: Int) -> SIMD16<UInt8> {
        get {
            assert(element >= 0 && element + 16 <= Tile.capacity)
            return unsafe UnsafeRawPointer(base + element).loadUnaligned(as: SIMD16<UInt8>.self)
        }
        nonmutating set {
            assert(element >= 0 && element + 16 <= Tile.capacity)
            unsafe UnsafeMutableRawPointer(base + element).storeBytes(of: newValue, as: SIMD16<UInt8>.self)
        }
    }

    /// Eight codes from an element on, the first one in the lowest byte.
    @inline(__always)
    subscript(eight element: Int) -> UInt64 {
        get {
            assert(element >= 0 && element + 8 <= Tile.capacity)
            return UInt64(
                littleEndian: unsafe UnsafeRawPointer(base + element).loadUnaligned(as: UInt64.self)
            )
        }
        nonmutating set {
            assert(element >= 0 && element + 8 <= Tile.capacity)
            unsafe UnsafeMutableRawPointer(base + element)
                .storeBytes(of: newValue.littleEndian, as: UInt64.self)
        }
    }

    /// Four codes from an element on.
    @inline(__always)
    subscript(four element: Int) -> SIMD4<UInt8> {
        get {
            assert(element >= 0 && element + 4 <= Tile.capacity)
            return unsafe UnsafeRawPointer(base + element).loadUnaligned(as: SIMD4<UInt8>.self)
        }
        nonmutating set {
            assert(element >= 0 && element + 4 <= Tile.capacity)
            unsafe UnsafeMutableRawPointer(base + element).storeBytes(of: newValue, as: SIMD4<UInt8>.self)
        }
    }
}

extension Tile {
    /// Sets ``codes`` from the levels, integers of which the lowest byte is kept.
    ///
    /// - Parameters:
    ///   - columnLength: The number of elements in a column, a multiple of four.
    ///   - groups: The number of groups of eight columns.
    @inline(__always)
    func gatherCodes(columnLength: Int, groups: Int) {
        for group in 0..<groups {
            for index in stride(from: 0, to: columnLength, by: 4) {
                let first = group * columnLength + index
                let (one, two, three, four) = (
                    levels[first], levels[first + 1], levels[first + 2], levels[first + 3]
                )
                let low = FourFloats.transposed(one.low, two.low, three.low, four.low)
                let high = FourFloats.transposed(one.high, two.high, three.high, four.high)
                let place = group * EightFloats.laneCount * columnLength + index
                codes[four: place] = low.0.lowBytes
                codes[four: place + columnLength] = low.1.lowBytes
                codes[four: place + 2 * columnLength] = low.2.lowBytes
                codes[four: place + 3 * columnLength] = low.3.lowBytes
                codes[four: place + 4 * columnLength] = high.0.lowBytes
                codes[four: place + 5 * columnLength] = high.1.lowBytes
                codes[four: place + 6 * columnLength] = high.2.lowBytes
                codes[four: place + 7 * columnLength] = high.3.lowBytes
            }
        }
    }
}

extension SIMD4<Float> {
    /// The lowest bytes of lanes that are integers below 2^22 in magnitude, of negative ones in two's complement.
    ///
    /// Adding 1.5 · 2^23, whose own lowest bits are zero, leaves an integer in the lowest bits.
    @inline(__always)
    fileprivate var lowBytes: SIMD4<UInt8> {
        SIMD4<UInt8>(truncatingIfNeeded: (self + 12_582_912).bits)
    }
}

extension Span<UInt8> {
    /// Sixteen bytes from an offset on, which are there.
    @inline(__always)
    func sixteen(at offset: Int) -> SIMD16<UInt8> {
        // Every bit pattern is a vector of bytes; the offset is checked.
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    }
}
