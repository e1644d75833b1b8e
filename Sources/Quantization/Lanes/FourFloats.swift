/// Four floats that one instruction works on: the four lanes hold the same element of four blocks.
///
/// Wider vectors of the standard library are not used: their operations on floats become loops over lanes.
typealias FourFloats = SIMD4<Float>

/// Masks of four floats.
typealias FourMask = SIMDMask<SIMD4<Int32>>

extension SIMD4<Float> {
    /// The bit patterns of the lanes.
    @inline(__always)
    var bits: SIMD4<UInt32> {
        // Both types are four 32-bit lanes, and every bit pattern is a value of both.
        unsafe unsafeBitCast(self, to: SIMD4<UInt32>.self)
    }

    /// Floats of the given bit patterns.
    @inline(__always)
    init(bits: SIMD4<UInt32>) {
        self = unsafe unsafeBitCast(bits, to: Self.self)
    }

    /// The absolute values.
    @inline(__always)
    var magnitude: Self {
        Self(bits: bits & 0x7FFF_FFFF)
    }

    /// The lanes where they are larger than those of `other`, which are taken in all other cases, NaN included.
    @inline(__always)
    func orLarger(_ other: Self) -> Self {
        other.replacing(with: self, where: self .> other)
    }

    /// The lanes where they are smaller than those of `other`, which are taken in all other cases, NaN included.
    @inline(__always)
    func orSmaller(_ other: Self) -> Self {
        other.replacing(with: self, where: self .< other)
    }

    /// The lanes, moved into a range; NaN becomes its lower bound.
    @inline(__always)
    func clamped(_ lower: Float, _ upper: Float) -> Self {
        orLarger(Self(repeating: lower)).orSmaller(Self(repeating: upper))
    }

    /// The nearest integers, ties to even, of lanes below 2^22 in magnitude.
    ///
    /// Beyond 2^22 the lanes keep their sign and size but for rounding. Adding 1.5 · 2^23 leaves no bits for a fraction.
    @inline(__always)
    var nearestInteger: Self {
        (self + 12_582_912) - 12_582_912
    }

    /// The largest integers that are not above the lanes, for lanes below 2^22 in magnitude.
    @inline(__always)
    var floor: Self {
        let nearest = nearestInteger
        return nearest - Self.zero.replacing(with: 1, where: nearest .> self)
    }

    /// The nearest integers, ties away from zero, of lanes below 2^22 in magnitude.
    @inline(__always)
    var nearestIntegerAwayFromZero: Self {
        let magnitude = magnitude
        let nearest = magnitude.nearestInteger
        // Only a tie that went down to an even integer leaves one half.
        let rounded = nearest + Self.zero.replacing(with: 1, where: magnitude - nearest .== 0.5)
        return Self(bits: rounded.bits | (bits & 0x8000_0000))
    }

    /// One divided by the lanes, and zero where a lane is zero.
    @inline(__always)
    var reciprocalOrZero: Self {
        (Self.one / self).replacing(with: 0, where: self .== 0)
    }

    /// The lanes, with other signs where a mask is set, those of zeros included.
    @inline(__always)
    func flippingSigns(where mask: FourMask) -> Self {
        Self(bits: bits ^ SIMD4<UInt32>.zero.replacing(with: 0x8000_0000, where: mask))
    }

    /// Where the sign bit is set, that of zeros included.
    @inline(__always)
    var isSigned: FourMask {
        SIMD4<Int32>(truncatingIfNeeded: bits) .< 0
    }

    /// The columns of a square of four by four.
    @inline(__always)
    static func transposed(
        _ first: Self,
        _ second: Self,
        _ third: Self,
        _ fourth: Self
    ) -> (Self, Self, Self, Self) {
        (
            Self(first[0], second[0], third[0], fourth[0]),
            Self(first[1], second[1], third[1], fourth[1]),
            Self(first[2], second[2], third[2], fourth[2]),
            Self(first[3], second[3], third[3], fourth[3])
        )
    }
}
