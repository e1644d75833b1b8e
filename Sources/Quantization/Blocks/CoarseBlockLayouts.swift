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

    static func append(_ level: (Int) -> Int, to bytes: inout BlockBytes) {
        for first in stride(from: 0, to: blockElements, by: 8) {
            bytes.append((0..<8).reduce(0) { $0 | (level(first + $1) > 0 ? 1 : 0) << UInt8($1) })
        }
    }

    static func level(_ bytes: Span<UInt8>, at offset: Int, element: Int) -> Int {
        bytes[offset + 2 + element / 8] >> UInt8(element % 8) & 1 == 1 ? 1 : -1
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

    static func append(_ level: (Int) -> Int, to bytes: inout BlockBytes) {
        for first in stride(from: 0, to: blockElements, by: 4) {
            bytes.append((0..<4).reduce(0) { $0 | UInt8(level(first + $1) + 1) << UInt8(2 * $1) })
        }
    }

    static func level(_ bytes: Span<UInt8>, at offset: Int, element: Int) -> Int {
        Int(bytes[offset + 2 + element / 4] >> UInt8(element % 4 * 2) & 3) - 1
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
    static func append(_ level: (Int) -> Int, to bytes: inout BlockBytes) {
        for half in [0, 128] {
            for index in 0..<32 {
                bytes.append(
                    (0..<4).reduce(0) { $0 | UInt8(level(half + index + 32 * $1) + 1) << UInt8(2 * $1) }
                )
            }
        }
    }

    /// Arbitrary bytes may hold the level 2.
    static func level(_ bytes: Span<UInt8>, at offset: Int, element: Int) -> Int {
        Int(SuperBlockBytes.pair(bytes, at: offset, element: element)) - 1
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

    /// Runs of bytes that hold elements as far apart as there are bytes in the run: the first element, the first byte, the number of
    /// bytes, and of digits in each.
    private static let runs: [(element: Int, byte: Int, count: Int, digits: Int)] = [
        (0, 0, 32, 5), (160, 32, 16, 5), (240, 48, 4, 4),
    ]

    @inline(__always)
    static func scale(_ row: Lanes, columns: Range<Int>) -> Float { largest(row, columns: columns) }

    @inline(__always)
    static func levels(of elements: EightFloats, inverseScale: EightFloats) -> EightFloats {
        ternaryLevels(of: elements, inverseScale: inverseScale)
    }

    static func append(_ level: (Int) -> Int, to bytes: inout BlockBytes) {
        for run in runs {
            for index in 0..<run.count {
                // A digit that is missing at the end is 0.
                let number = (0..<5).reduce(0) { number, digit in
                    number * 3
                        + (digit < run.digits ? level(run.element + index + digit * run.count) + 1 : 0)
                }
                bytes.append(UInt8((number * 256 + 242) / 243))
            }
        }
    }

    static func level(_ bytes: Span<UInt8>, at offset: Int, element: Int) -> Int {
        let run = runs[element < 160 ? 0 : element < 240 ? 1 : 2]
        let (digit, index) = (element - run.element).quotientAndRemainder(dividingBy: run.count)
        let fraction = (0..<digit).reduce(bytes[offset + run.byte + index]) { part, _ in part &* 3 }
        return Int(fraction) * 3 / 256 - 1
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
