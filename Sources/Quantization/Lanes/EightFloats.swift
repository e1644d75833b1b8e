/// Eight floats as two vectors of four: the lanes hold the same element of eight columns.
///
/// Two vectors keep an instruction's latency from showing. One vector of eight would be compiled to slower code where masks are used.
struct EightFloats {
    /// The first four lanes.
    var low: FourFloats
    /// The last four lanes.
    var high: FourFloats

    /// The number of lanes.
    static let laneCount = 8
    /// Zeros.
    static let zero = EightFloats(repeating: 0)

    @inline(__always)
    init(low: FourFloats, high: FourFloats = .zero) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    init(repeating value: Float) {
        low = FourFloats(repeating: value)
        high = FourFloats(repeating: value)
    }

    /// Eight small integers.
    @inline(__always)
    init(_ integers: SIMD8<Int8>) {
        low = FourFloats(SIMD4<Int32>(truncatingIfNeeded: integers.lowHalf))
        high = FourFloats(SIMD4<Int32>(truncatingIfNeeded: integers.highHalf))
    }

    @inline(__always)
    subscript(lane: Int) -> Float {
        get { lane < 4 ? low[lane] : high[lane - 4] }
        set {
            if lane < 4 { low[lane] = newValue } else { high[lane - 4] = newValue }
        }
    }

    @inline(__always)
    private func map(_ transform: (FourFloats) -> FourFloats) -> Self {
        Self(low: transform(low), high: transform(high))
    }

    @inline(__always)
    private static func zip(
        _ left: Self,
        _ right: Self,
        _ combine: (FourFloats, FourFloats) -> FourFloats
    ) -> Self {
        Self(low: combine(left.low, right.low), high: combine(left.high, right.high))
    }

    @inline(__always)
    private static func compare(
        _ left: Self,
        _ right: Self,
        _ compare: (FourFloats, FourFloats) -> FourMask
    ) -> EightMask {
        EightMask(low: compare(left.low, right.low), high: compare(left.high, right.high))
    }

    @inline(__always)
    static func + (left: Self, right: Self) -> Self { zip(left, right) { $0 + $1 } }
    @inline(__always)
    static func - (left: Self, right: Self) -> Self { zip(left, right) { $0 - $1 } }
    @inline(__always)
    static func * (left: Self, right: Self) -> Self { zip(left, right) { $0 * $1 } }
    @inline(__always)
    static func / (left: Self, right: Self) -> Self { zip(left, right) { $0 / $1 } }
    @inline(__always)
    static func + (left: Self, right: Float) -> Self { left.map { $0 + right } }
    @inline(__always)
    static func + (left: Float, right: Self) -> Self { right.map { left + $0 } }
    @inline(__always)
    static func - (left: Self, right: Float) -> Self { left.map { $0 - right } }
    @inline(__always)
    static func * (left: Self, right: Float) -> Self { left.map { $0 * right } }
    @inline(__always)
    static func * (left: Float, right: Self) -> Self { right.map { left * $0 } }
    @inline(__always)
    static func / (left: Self, right: Float) -> Self { left.map { $0 / right } }
    @inline(__always)
    static func / (left: Float, right: Self) -> Self { right.map { left / $0 } }
    @inline(__always)
    static func += (left: inout Self, right: Self) { left = left + right }
    @inline(__always)
    static prefix func - (value: Self) -> Self { value.map { -$0 } }

    @inline(__always)
    static func .< (left: Self, right: Self) -> EightMask { compare(left, right) { $0 .< $1 } }
    @inline(__always)
    static func .<= (left: Self, right: Self) -> EightMask { compare(left, right) { $0 .<= $1 } }
    @inline(__always)
    static func .> (left: Self, right: Self) -> EightMask { compare(left, right) { $0 .> $1 } }
    @inline(__always)
    static func .!= (left: Self, right: Self) -> EightMask { compare(left, right) { $0 .!= $1 } }
    @inline(__always)
    static func .< (left: Self, right: Float) -> EightMask { left .< Self(repeating: right) }
    @inline(__always)
    static func .> (left: Self, right: Float) -> EightMask { left .> Self(repeating: right) }
    @inline(__always)
    static func .!= (left: Self, right: Float) -> EightMask { left .!= Self(repeating: right) }
    @inline(__always)
    static func .== (left: Self, right: Float) -> EightMask {
        compare(left, Self(repeating: right)) { $0 .== $1 }
    }

    @inline(__always)
    static func .== (left: Self, right: Self) -> EightMask { compare(left, right) { $0 .== $1 } }

    /// The lanes, with other signs where a mask is set, those of zeros included.
    @inline(__always)
    func flippingSigns(where mask: EightMask) -> Self {
        Self(low: low.flippingSigns(where: mask.low), high: high.flippingSigns(where: mask.high))
    }

    /// Where the sign bit is set, that of zeros included.
    @inline(__always)
    var isSigned: EightMask { EightMask(low: low.isSigned, high: high.isSigned) }

    /// The lanes, and those of another vector where a mask is set.
    @inline(__always)
    func replacing(with other: Self, where mask: EightMask) -> Self {
        Self(
            low: low.replacing(with: other.low, where: mask.low),
            high: high.replacing(with: other.high, where: mask.high)
        )
    }

    /// The lanes, and a value where a mask is set.
    @inline(__always)
    func replacing(with value: Float, where mask: EightMask) -> Self {
        replacing(with: Self(repeating: value), where: mask)
    }

    /// Takes the lanes of another vector where a mask is set.
    @inline(__always)
    mutating func replace(with other: Self, where mask: EightMask) {
        self = replacing(with: other, where: mask)
    }

    /// Takes a value where a mask is set.
    @inline(__always)
    mutating func replace(with value: Float, where mask: EightMask) {
        self = replacing(with: value, where: mask)
    }

    /// The absolute values.
    @inline(__always)
    var magnitude: Self { map { $0.magnitude } }

    /// The square roots.
    @inline(__always)
    var squareRoot: Self { map { $0.squareRoot() } }

    /// The lanes where they are larger than those of `other`, which are taken in all other cases, NaN included.
    @inline(__always)
    func orLarger(_ other: Self) -> Self { Self.zip(self, other) { $0.orLarger($1) } }

    /// The lanes where they are smaller than those of `other`, which are taken in all other cases, NaN included.
    @inline(__always)
    func orSmaller(_ other: Self) -> Self { Self.zip(self, other) { $0.orSmaller($1) } }

    /// The lanes, moved into a range; NaN becomes its lower bound.
    @inline(__always)
    func clamped(_ lower: Float, _ upper: Float) -> Self { map { $0.clamped(lower, upper) } }

    /// The nearest integers, ties to even, of lanes below 2^22 in magnitude.
    @inline(__always)
    var nearestInteger: Self { map { $0.nearestInteger } }

    /// The nearest integers, ties away from zero, of lanes below 2^22 in magnitude.
    @inline(__always)
    var nearestIntegerAwayFromZero: Self { map { $0.nearestIntegerAwayFromZero } }

    /// The largest integers that are not above the lanes, for lanes below 2^22 in magnitude.
    @inline(__always)
    var floor: Self { map { $0.floor } }

    /// One divided by the lanes, and zero where a lane is zero.
    @inline(__always)
    var reciprocalOrZero: Self { map { $0.reciprocalOrZero } }

    /// The nearest 16-bit floats.
    @inline(__always)
    var roundedToHalf: Self { map { SmallFloat.binary16.rounded($0) } }

    /// The lanes, which are not negative, with the signs of others.
    @inline(__always)
    func withSigns(of other: Self) -> Self {
        Self.zip(self, other) { FourFloats(bits: $0.bits | ($1.bits & 0x8000_0000)) }
    }
}

/// Masks of eight floats.
struct EightMask {
    /// The mask of the first four lanes.
    var low: FourMask
    /// The mask of the last four lanes.
    var high: FourMask

    @inline(__always)
    init(low: FourMask, high: FourMask) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    init(repeating value: Bool) {
        self.init(low: FourMask(repeating: value), high: FourMask(repeating: value))
    }

    @inline(__always)
    subscript(lane: Int) -> Bool { lane < 4 ? low[lane] : high[lane - 4] }

    /// Whether any lane is set.
    @inline(__always)
    var isAnySet: Bool { any(low .| high) }

    @inline(__always)
    static func .& (left: Self, right: Self) -> Self {
        Self(low: left.low .& right.low, high: left.high .& right.high)
    }
    @inline(__always)
    static func .| (left: Self, right: Self) -> Self {
        Self(low: left.low .| right.low, high: left.high .| right.high)
    }
    @inline(__always)
    static func .^ (left: Self, right: Self) -> Self {
        Self(low: left.low .^ right.low, high: left.high .^ right.high)
    }
    @inline(__always)
    static func .&= (left: inout Self, right: Self) { left = left .& right }
    @inline(__always)
    static func .|= (left: inout Self, right: Self) { left = left .| right }
    @inline(__always)
    static prefix func .! (mask: Self) -> Self { Self(low: .!mask.low, high: .!mask.high) }
}
