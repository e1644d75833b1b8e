/// A floating point type of 8 or 16 bits: how floats are rounded to it, and what its bits stand for.
///
/// Rounding is to nearest, ties to even, and exact for subnormal numbers too. Sources: IEEE 754-2019 for binary16; Micikevicius et
/// al. 2022, "FP8 Formats for Deep Learning", arXiv:2209.05433, for the 8-bit types.
struct SmallFloat {
    /// The number of bits of the significand that are stored.
    let significandBits: UInt32
    /// What is added to an exponent before it is stored.
    let exponentBias: UInt32
    /// The number of bits of a value without its sign.
    let magnitudeBits: UInt32
    /// The largest finite value.
    let largest: Float
    /// What a larger magnitude becomes after rounding: infinity, or NaN for a type that has no infinities.
    let overflow: Float

    /// IEEE binary16, 5 exponent and 10 significand bits.
    static let binary16 = SmallFloat(
        significandBits: 10,
        exponentBias: 15,
        magnitudeBits: 15,
        largest: 65504,
        overflow: .infinity
    )

    /// 4 exponent and 3 significand bits, without infinities: what is beyond 448 after rounding is NaN, as PyTorch casts it.
    static let e4m3fn = SmallFloat(
        significandBits: 3,
        exponentBias: 7,
        magnitudeBits: 7,
        largest: 448,
        overflow: .nan
    )

    /// 5 exponent and 2 significand bits: what is beyond 57344 after rounding is infinite, as PyTorch casts it.
    static let e5m2 = SmallFloat(
        significandBits: 2,
        exponentBias: 15,
        magnitudeBits: 7,
        largest: 57344,
        overflow: .infinity
    )

    /// The magnitude from which on numbers are normal.
    @inline(__always)
    private var smallestNormal: Float {
        Float(bitPattern: (128 - exponentBias) << 23)
    }

    /// The smallest magnitude above zero.
    @inline(__always)
    private var smallestSubnormal: Float {
        Float(bitPattern: (128 - exponentBias - significandBits) << 23)
    }

    /// The values of the type that are nearest to the lanes, which are finite.
    @inline(__always)
    func rounded(_ value: FourFloats) -> FourFloats {
        let magnitude = value.magnitude
        let dropped = 23 - significandBits
        let half = (1 as UInt32) << (dropped - 1)
        let isOdd = (magnitude.bits &>> dropped) & 1
        var rounded = FourFloats(bits: (magnitude.bits &+ (half - 1) &+ isOdd) & ~((half << 1) - 1))
        rounded.replace(with: overflow, where: rounded .> largest)
        // Adding a number whose last place is the smallest subnormal rounds to multiples of that.
        let shift = smallestSubnormal * 8_388_608
        rounded.replace(with: (magnitude + shift) - shift, where: magnitude .< smallestNormal)
        return FourFloats(bits: rounded.bits | (value.bits & 0x8000_0000))
    }

    /// The bits of a value that ``rounded(_:)`` gave.
    func bits(of value: Float) -> UInt32 {
        let magnitude = value.magnitude
        let sign: UInt32 = value.sign == .minus ? 1 << magnitudeBits : 0
        guard magnitude <= largest else {
            // All exponent bits, and for NaN the whole significand or its first bit.
            let exponent = ((1 as UInt32) << (magnitudeBits - significandBits) - 1) << significandBits
            if overflow.isNaN { return sign | exponent | ((1 << significandBits) - 1) }
            return sign | exponent | (value.isNaN ? 1 << (significandBits - 1) : 0)
        }
        guard magnitude >= smallestNormal else {
            return sign | UInt32(magnitude / smallestSubnormal)
        }
        let rebiased = magnitude.bitPattern - ((127 - exponentBias) << 23)
        return sign | rebiased >> (23 - significandBits)
    }

    /// The values that bits stand for; those above the type's own bits are ignored.
    @inline(__always)
    func values(ofBits bits: SIMD4<UInt32>) -> FourFloats {
        let magnitude = bits & ((1 << magnitudeBits) - 1)
        let sign = (bits &<< (31 - magnitudeBits)) & 0x8000_0000
        let normal = (magnitude &<< (23 - significandBits)) &+ ((127 - exponentBias) << 23)
        // Fewer than 2^23 smallest steps, so that the conversion is exact.
        let subnormal = FourFloats(SIMD4<Int32>(truncatingIfNeeded: magnitude)) * smallestSubnormal
        var value = FourFloats(bits: normal)
        value.replace(with: subnormal, where: value .< smallestNormal)
        if overflow.isNaN {
            value.replace(with: .nan, where: value .> largest)
        } else {
            // An exponent of all ones is that of a float as well.
            let special = FourFloats(bits: (magnitude &<< (23 - significandBits)) | 0x7F80_0000)
            value.replace(with: special, where: value .> largest)
        }
        return FourFloats(bits: value.bits | sign)
    }

    /// The value that bits stand for.
    func value(ofBits bits: UInt32) -> Float {
        values(ofBits: SIMD4(repeating: bits))[0]
    }
}
