/// `Q1_0`: blocks of 128 signs; the scale is the mean magnitude, as in ggml's `quantize_row_q1_0_ref`.
///
/// Zero is positive.
enum SignLayout: CoarseBlockLayout {
    static var blockElements: Int { 128 }
    static var blockBytes: Int { 18 }
    static var scaleOffset: Int { 0 }

    /// The magnitudes are added one after the other.
    @inline(__always)
    static func scale(_ row: Lanes, columns: Range<Int>) -> Float {
        var sum: Float = 0
        for column in columns {
            for index in 0..<32 { sum += row[index][column].magnitude }
        }
        return sum / Float(blockElements)
    }

    @inline(__always)
    static func levels(of elements: EightFloats, inverseScale: EightFloats) -> EightFloats {
        EightFloats(repeating: 1).replacing(with: -1, where: elements .< 0)
    }

    @inline(__always)
    static func append(_ levels: Codes, from first: Int, to bytes: inout BlockBytes) {
        for element in stride(from: first, to: first + blockElements, by: 8) {
            // A byte of 1 has no sign bit, one of −1 has.
            let ones = ~levels[eight: element] >> 7 & 0x0101_0101_0101_0101
            // Each of the eight bits is moved to its place in the highest byte, and no two others meet.
            bytes.append(UInt8(truncatingIfNeeded: (ones &* 0x0102_0408_1020_4080) >> 56))
        }
    }

    @inline(__always)
    static func read(_ bytes: Span<UInt8>, at offset: Int, into levels: Codes, from first: Int) {
        for byte in 0..<(blockElements / 8) {
            // The byte in all eight places, a bit of it in each, and 1 where it is not set.
            let spread = UInt64(bytes[offset + 2 + byte]) &* 0x0101_0101_0101_0101 & 0x8040_2010_0804_0201
            let isSet = (spread &+ 0x7F7F_7F7F_7F7F_7F7F) >> 7 & 0x0101_0101_0101_0101
            let isClear = isSet ^ 0x0101_0101_0101_0101
            levels[eight: first + 8 * byte] = isSet | isClear &* 0xFF
        }
    }
}

/// `Q2_0`: blocks of 64 levels from −1 to 2, of which an encoder never writes 2; the scale is the largest magnitude, as in ggml's
/// `quantize_row_q2_0_ref`.
enum TwoBitBlockLayout: CoarseBlockLayout {
    static var blockElements: Int { 64 }
    static var blockBytes: Int { 18 }
    static var scaleOffset: Int { 0 }

    @inline(__always)
    static func scale(_ row: Lanes, columns: Range<Int>) -> Float { largest(row, columns: columns) }

    /// Where nothing can be divided by the scale, the lowest level is taken, as a C compiler for x86-64 has it.
    @inline(__always)
    static func levels(of elements: EightFloats, inverseScale: EightFloats) -> EightFloats {
        (elements * inverseScale).nearestIntegerAwayFromZero
            .replacing(with: -1, where: inverseScale .== .infinity)
    }

    @inline(__always)
    static func append(_ levels: Codes, from first: Int, to bytes: inout BlockBytes) {
        for element in stride(from: first, to: first + blockElements, by: 4) {
            let pairs = levels[four: element] &+ 1
            bytes.append(pairs[0] | pairs[1] << 2 | pairs[2] << 4 | pairs[3] << 6)
        }
    }

    @inline(__always)
    static func read(_ bytes: Span<UInt8>, at offset: Int, into levels: Codes, from first: Int) {
        for index in 0..<(blockElements / 4) {
            let byte = bytes[offset + 2 + index]
            levels[four: first + 4 * index] = (SIMD4(byte, byte >> 2, byte >> 4, byte >> 6) & 3) &- 1
        }
    }
}

/// `TQ2_0`: super-blocks of 256 levels from −1 to 1 in two bits each; the scale is the largest magnitude, as in ggml's
/// `quantize_row_tq2_0_ref`.
enum TernaryPairLayout: CoarseBlockLayout {
    static var blockElements: Int { 256 }
    static var blockBytes: Int { 66 }
    static var scaleOffset: Int { 64 }

    @inline(__always)
    static func scale(_ row: Lanes, columns: Range<Int>) -> Float { largest(row, columns: columns) }

    @inline(__always)
    static func levels(of elements: EightFloats, inverseScale: EightFloats) -> EightFloats {
        ternaryLevels(of: elements, inverseScale: inverseScale)
    }

    /// A byte holds the levels of four elements 32 apart, of each 128 elements.
    @inline(__always)
    static func append(_ levels: Codes, from first: Int, to bytes: inout BlockBytes) {
        for index in [0, 16, 128, 144] {
            var pairs = SIMD16<UInt8>.zero
            for part in 0..<4 {
                pairs |= (levels[sixteen: first + index + 32 * part] &+ 1) &<< UInt8(2 * part)
            }
            bytes.append(pairs)
        }
    }

    /// Arbitrary bytes may hold the level 2.
    @inline(__always)
    static func read(_ bytes: Span<UInt8>, at offset: Int, into levels: Codes, from first: Int) {
        for index in [0, 16, 128, 144] {
            let pairs = bytes.sixteen(at: offset + index / 128 * 32 + index % 128)
            for part in 0..<4 {
                levels[sixteen: first + index + 32 * part] = ((pairs &>> UInt8(2 * part)) & 3) &- 1
            }
        }
    }
}

/// `TQ1_0`: super-blocks of 256 levels from −1 to 1, five to a byte; the scale is the largest magnitude, as in ggml's
/// `quantize_row_tq1_0_ref`.
///
/// A byte is the fraction of 256 whose first digits after the point, in base 3, are the levels plus 1, rounded up so that
/// multiplying by 3 brings out one after the other.
enum TernaryFractionLayout: CoarseBlockLayout {
    static var blockElements: Int { 256 }
    static var blockBytes: Int { 54 }
    static var scaleOffset: Int { 52 }

    @inline(__always)
    static func scale(_ row: Lanes, columns: Range<Int>) -> Float { largest(row, columns: columns) }

    @inline(__always)
    static func levels(of elements: EightFloats, inverseScale: EightFloats) -> EightFloats {
        ternaryLevels(of: elements, inverseScale: inverseScale)
    }

    /// Bytes hold elements 32 apart, then 16 apart, then 4 apart; these last have no fifth digit, which is 0.
    @inline(__always)
    static func append(_ levels: Codes, from first: Int, to bytes: inout BlockBytes) {
        for (element, distance) in [(0, 32), (16, 32), (160, 16)] {
            var numbers = SIMD16<UInt8>.zero
            for digit in 0..<5 {
                let digits = levels[sixteen: first + element + digit * distance] &+ 1
                numbers = numbers &+ numbers &+ numbers &+ digits
            }
            bytes.append(fractions(numbers))
        }
        var numbers = SIMD4<UInt8>.zero
        for digit in 0..<4 {
            numbers = numbers &+ numbers &+ numbers &+ (levels[four: first + 240 + 4 * digit] &+ 1)
        }
        for index in 0..<4 { bytes.append(fraction(numbers[index] &* 3)) }
    }

    /// The fractions of 256 that numbers of five digits are of 243, rounded up.
    ///
    /// `256·n/243` is `n + 13·n/243`, which is rounded up to the number of multiples of 243/13, from zero on, that `n` is above.
    @inline(__always)
    private static func fractions(_ numbers: SIMD16<UInt8>) -> SIMD16<UInt8> {
        var fractions = numbers
        for step in 0..<13 {
            let multiple = SIMD16(repeating: UInt8(243 * step / 13))
            fractions = fractions.replacing(with: fractions &+ 1, where: numbers .> multiple)
        }
        return fractions
    }

    /// The fraction of 256 that a number of five digits is of 243, rounded up.
    @inline(__always)
    private static func fraction(_ number: UInt8) -> UInt8 {
        UInt8(truncatingIfNeeded: (UInt32(number) * 256 + 242) / 243)
    }

    @inline(__always)
    static func read(_ bytes: Span<UInt8>, at offset: Int, into levels: Codes, from first: Int) {
        for (element, distance, byte) in [(0, 32, 0), (16, 32, 16), (160, 16, 32)] {
            var fractions = bytes.sixteen(at: offset + byte)
            for digit in 0..<5 {
                // The digit is what two additions carry beyond the byte, when the fraction is multiplied by 3.
                let doubled = fractions &+ fractions
                let tripled = doubled &+ fractions
                let carries = (doubled & fractions) | ((doubled | fractions) & ~tripled)
                levels[sixteen: first + element + digit * distance] =
                    (fractions &>> 7) &+ (carries &>> 7) &- 1
                fractions = tripled
            }
        }
        var fractions = SIMD4(
            bytes[offset + 48],
            bytes[offset + 49],
            bytes[offset + 50],
            bytes[offset + 51]
        )
        for digit in 0..<4 {
            let tripled = SIMD4<UInt16>(truncatingIfNeeded: fractions) &* 3
            levels[four: first + 240 + 4 * digit] = SIMD4<UInt8>(truncatingIfNeeded: tripled &>> 8) &- 1
            fractions = SIMD4<UInt8>(truncatingIfNeeded: tripled)
        }
    }
}

extension CoarseBlockLayout {
    /// The nearest of −1, 0 and 1 times the scale; 0 where nothing can be divided by it, as a C compiler for x86-64 has it.
    @inline(__always)
    fileprivate static func ternaryLevels(of elements: EightFloats, inverseScale: EightFloats) -> EightFloats
    {
        (elements * inverseScale).nearestIntegerAwayFromZero
            .replacing(with: 0, where: inverseScale .== .infinity)
    }
}
