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
}
