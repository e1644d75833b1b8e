/// Floats of 4 bits, a sign, 2 exponent bits and 1 significand bit, which are kept doubled as in ggml's `kvalues_mxfp4`.
///
/// Source of the format: OCP Microscaling Formats (MX) Specification 1.0.
enum FourBitFloat {
    /// The doubled magnitudes, in the order of their codes: 0 to 6 in halves, then in ones, then in twos.
    static let magnitudes: [Float] = [0, 1, 2, 3, 4, 6, 8, 12]

    /// The code of each doubled magnitude, 0 for those that are none.
    private static let codes: [UInt8] = (0...12).map { UInt8(magnitudes.firstIndex(of: Float($0)) ?? 0) }

    /// The code of a doubled value, zero for zeros of both signs.
    static func code(of value: Float) -> UInt8 {
        let code = codes[Int(value.magnitude)]
        return value < 0 ? code | 8 : code
    }

    /// The doubled value of a code.
    static func value(ofCode code: UInt8) -> Float {
        let magnitude = magnitudes[Int(code & 7)]
        return code < 8 ? magnitude : -magnitude
    }

    /// The codes of sixteen doubled values, which are signed bytes.
    @inline(__always)
    static func codes(of values: SIMD16<UInt8>) -> SIMD16<UInt8> {
        let signs = values &>> 7
        let magnitudes = negated(values, where: signs)
        // 6, 8 and 12 have the codes 5, 6 and 7, all smaller ones their own number.
        let isLargest = ones(where: magnitudes, above: 11)
        let isLarger = ones(where: magnitudes, above: 5) &+ ones(where: magnitudes, above: 7)
        return (magnitudes &- isLarger &- isLargest &- isLargest &- isLargest) | signs &<< 3
    }

    /// The doubled values of sixteen codes, as signed bytes; those of both zeros are 0.
    @inline(__always)
    static func values(ofCodes codes: SIMD16<UInt8>) -> SIMD16<UInt8> {
        let numbers = codes & 7
        let isLargest = ones(where: numbers, above: 6)
        let isLarger = ones(where: numbers, above: 4) &+ ones(where: numbers, above: 5)
        return negated(numbers &+ isLarger &+ isLargest &+ isLargest &+ isLargest, where: codes &>> 3)
    }

    /// Ones where bytes below 128 are above a limit, zeros elsewhere: what is added carries into the highest bit.
    ///
    /// Comparisons and masks of sixteen bytes would be compiled to loops over lanes.
    @inline(__always)
    private static func ones(where bytes: SIMD16<UInt8>, above limit: UInt8) -> SIMD16<UInt8> {
        (bytes &+ (127 - limit)) &>> 7
    }

    /// The bytes with the other sign where there is a one, and as they are where there is a zero.
    @inline(__always)
    private static func negated(_ bytes: SIMD16<UInt8>, where ones: SIMD16<UInt8>) -> SIMD16<UInt8> {
        (bytes ^ (0 &- ones)) &+ ones
    }
}
