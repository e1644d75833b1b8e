import Quantization
import Tensors

/// Looks for numbers that are none in bytes that are copied as they are.
enum FloatScan {
    /// Finds the first element that is infinite or not a number.
    ///
    /// - Parameters:
    ///   - bytes: Elements in a row, little-endian.
    ///   - type: What they are; only floats of one element each are looked at.
    /// - Returns: Its position and its value, or nil where there is none.
    static func firstNonFinite(in bytes: [UInt8], as type: QuantizationFormat) -> (index: Int, value: Double)?
    {
        guard let pattern = Pattern(type), pattern.isIn(bytes) else { return nil }
        let size = pattern.elementByteCount
        for index in 0..<bytes.count / size {
            let element = Array(bytes[index * size..<(index + 1) * size])
            if pattern.isIn(element) { return (index, value(element, type)) }
        }
        return nil
    }

    private static func value(_ element: [UInt8], _ type: QuantizationFormat) -> Double {
        guard SourceElements.formats.contains(type) else {
            return Double(bitPattern: element.reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        return Double(SourceElements.values(element.span, as: type, count: 1).first ?? .nan)
    }

    /// Where a type has its exponent, whose bits are all set in what is no finite number.
    private struct Pattern {
        let elementByteCount: Int
        /// The bits of the exponent, in every element of eight bytes.
        private let exponents: UInt64
        /// The lowest of them: added to an exponent whose bits are all set, and to no other, it carries into the sign.
        private let lowest: UInt64
        private let signs: UInt64

        init?(_ type: QuantizationFormat) {
            let (exponent, lowest, byteCount): (UInt64, UInt64, Int)
            switch type {
            case .f32: (exponent, lowest, byteCount) = (0x7F80_0000, 0x0080_0000, 4)
            case .f16: (exponent, lowest, byteCount) = (0x7C00, 0x0400, 2)
            case .bf16: (exponent, lowest, byteCount) = (0x7F80, 0x0080, 2)
            case .float8_e5m2: (exponent, lowest, byteCount) = (0x7C, 0x04, 1)
            // It has no infinity, and one number that is none.
            case .float8_e4m3fn: (exponent, lowest, byteCount) = (0x7F, 0x01, 1)
            case _ where type.name == "F64":
                (exponent, lowest, byteCount) = (0x7FF0_0000_0000_0000, 0x0010_0000_0000_0000, 8)
            default: return nil
            }
            elementByteCount = byteCount
            func repeated(_ bits: UInt64) -> UInt64 {
                stride(from: 0, to: 64, by: 8 * byteCount).reduce(0) { $0 | bits << UInt64($1) }
            }
            exponents = repeated(exponent)
            self.lowest = repeated(lowest)
            signs = repeated(1 << UInt64(8 * byteCount - 1))
        }

        /// Whether some element has all bits of its exponent set.
        func isIn(_ bytes: [UInt8]) -> Bool {
            let span = bytes.span.bytes
            var found: UInt64 = 0
            var index = 0
            while index + 8 <= span.byteCount {
                // Every bit pattern is a number; the sum goes beyond no element, as its sign was taken away.
                let word = UInt64(
                    littleEndian: span.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                )
                found |= (word & exponents) &+ lowest
                index += 8
            }
            var rest: UInt64 = 0
            var shift: UInt64 = 0
            while index < bytes.count {
                rest |= UInt64(bytes[index]) << shift
                shift += 8
                index += 1
            }
            found |= (rest & exponents) &+ lowest
            return found & signs != 0
        }
    }
}
