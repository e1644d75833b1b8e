/// Reads decimal numbers as the doubles that are nearest to them.
///
/// A table of a large model has a million of them, which the C library reads in several times as long. Digits and exponent are
/// multiplied out as whole numbers of 64 and 128 bits, whose error is known; where it leaves two doubles in question, or a number
/// is unusual, nothing is said and the library is to be asked. The idea is that of Clinger's and Lemire's readers (Lemire, Number
/// Parsing at a Gigabyte per Second, 2021, https://arxiv.org/abs/2101.11408).
package enum DecimalNumber {
    /// The double that is nearest to a number: digits, at most one point among them, and maybe an exponent.
    ///
    /// - Parameter bytes: The number without a sign in front.
    /// - Returns: The double; nil for what is no such number, and for one that the C library has to read.
    package static func value(of bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        var place = 0
        var digits: UInt64 = 0
        // Digits without the zeros in front, all of them, and those behind the point.
        var (significantCount, count, fractionCount) = (0, 0, 0)
        func skipDigits() {
            while place < bytes.count {
                let digit = bytes[place] &- UInt8(ascii: "0")
                guard digit < 10 else { return }
                digits = digits &* 10 &+ UInt64(digit)
                if significantCount > 0 || digit > 0 { significantCount += 1 }
                count += 1
                place += 1
            }
        }
        skipDigits()
        if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            let wholeCount = count
            skipDigits()
            fractionCount = count - wholeCount
        }
        // Nineteen nines are below 2^64.
        guard count > 0, significantCount <= 19 else { return nil }
        guard let written = exponent(bytes[place...]) else { return nil }
        return nearest(digits, tens: written - fractionCount)
    }

    /// The exponent that the end of a number says, 0 where there is no end; nil for what is none, and for one of many digits.
    private static func exponent(_ end: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        guard let first = end.first else { return 0 }
        guard first | 0x20 == UInt8(ascii: "e") else { return nil }
        var digits = end.dropFirst()
        let sign = digits.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { digits = digits.dropFirst() }
        guard (1...4).contains(digits.count) else { return nil }
        var exponent = 0
        for byte in digits {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            exponent = exponent * 10 + Int(digit)
        }
        return sign == UInt8(ascii: "-") ? -exponent : exponent
    }

    /// The double that is nearest to some digits times a power of ten; nil where that is not certain.
    private static func nearest(_ digits: UInt64, tens: Int) -> Double? {
        if digits == 0 { return 0 }
        guard abs(tens) <= Power.most else { return nil }
        let power = powers[tens + Power.most]
        let shift = digits.leadingZeroBitCount
        let factor = digits << UInt64(shift)
        // The upper 128 of the product's 192 bits; what was cut off of the power and of the product is less than 2 in them.
        let upper = factor.multipliedFullWidth(by: UInt64(truncatingIfNeeded: power.bits >> 64))
        let lower = factor.multipliedFullWidth(by: UInt64(truncatingIfNeeded: power.bits))
        let product = (UInt128(upper.high) << 64) + UInt128(upper.low) + UInt128(lower.high)
        // A double has 53 bits.
        let rest = product >> 127 == 0 ? 74 : 75
        var significand = UInt64(truncatingIfNeeded: product >> UInt128(rest))
        let cut = product & ((1 << UInt128(rest)) - 1)
        let half: UInt128 = 1 << UInt128(rest - 1)
        if cut > half {
            significand += 1
        } else if cut + 2 >= half {
            return nil
        }
        // The leading bit is not stored; where rounding made one more of them, it adds one to the exponent.
        let exponent = power.exponent - shift + 64 + rest
        let stored = UInt64(exponent + 52 + 1023) << 52
        return Double(bitPattern: stored + (significand - (1 << 52)))
    }

    /// A power of ten as 128 bits, of which the first is 1, times a power of two.
    private struct Power {
        /// The greatest power of ten either way: that of five fits into 126 bits.
        static let most = 54

        /// The bits, exact for a power from 0 up and cut off below that.
        let bits: UInt128
        let exponent: Int

        init(_ tens: Int) {
            var fives: UInt128 = 1
            for _ in 0..<abs(tens) { fives *= 5 }
            guard tens < 0 else {
                let shift = fives.leadingZeroBitCount
                bits = fives << UInt128(shift)
                exponent = tens - shift
                return
            }
            // 2^shift / fives by long division, which has 128 bits.
            let shift = 127 + 128 - fives.leadingZeroBitCount
            var (quotient, remainder): (UInt128, UInt128) = (0, 1)
            for _ in 0..<shift {
                quotient <<= 1
                remainder <<= 1
                if remainder >= fives {
                    remainder -= fives
                    quotient += 1
                }
            }
            bits = quotient
            exponent = tens - shift
        }
    }

    private static let powers = (-Power.most...Power.most).map(Power.init)
}
