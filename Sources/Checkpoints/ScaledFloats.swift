import Tensors

/// The weights of tensors that a file has as 8-bit floats with scales, as the bytes of BF16.
struct ScaledFloats: Sendable {
    private let scaling: TensorScaling
    /// One for each block, in the order of the tensor's elements.
    private let scales: [Float]
    /// The number of elements of a row.
    private let rowLength: Int
    /// The number of blocks beside each other.
    private let blocksPerRow: Int
    /// What each of the 256 floats stands for.
    private let values: [Float]

    /// Takes the scales as the file has them.
    ///
    /// - Parameters:
    ///   - scaling: What is known of them.
    ///   - bytes: The scales.
    ///   - tensor: The tensor.
    init(_ scaling: TensorScaling, scales bytes: [UInt8], of tensor: TensorInfo) {
        self.scaling = scaling
        rowLength = max(1, tensor.elementCount / max(1, tensor.outputCount))
        blocksPerRow = (rowLength + scaling.block.columns - 1) / scaling.block.columns
        let size = scaling.scaleFormat.blockBytes
        scales = (0..<scaling.count).map { index in
            var bits: UInt32 = 0
            for byte in (0..<size).reversed() { bits = bits << 8 | UInt32(bytes[index * size + byte]) }
            return switch scaling.scaleFormat {
            case .f16: Self.binary16(UInt16(bits))
            case .bf16: Float(bitPattern: bits << 16)
            default: Float(bitPattern: bits)
            }
        }
        let isE4M3 = scaling.format == .float8_e4m3fn
        values = (0..<256).map { isE4M3 ? Self.e4m3(UInt8($0)) : Self.binary16(UInt16($0) << 8) }
    }

    /// The scale of all floats, or nil where there are several.
    var single: Float? { scales.count == 1 ? scales.first : nil }

    /// Whether scales may be given in a format.
    static func takes(_ format: QuantizationFormat?) -> Bool {
        format == .f32 || format == .f16 || format == .bf16
    }

    /// Multiplies out.
    ///
    /// - Parameters:
    ///   - bytes: Consecutive floats of the tensor.
    ///   - first: The position of the first of them.
    /// - Returns: Two bytes for each.
    func multiplied(_ bytes: [UInt8], from first: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(2 * bytes.count)
        var (row, column) = (first / rowLength, first % rowLength)
        var rest = bytes[...]
        while !rest.isEmpty {
            // What shares a scale: up to the end of the block, which the row may end before.
            let place = row / scaling.block.rows * blocksPerRow + column / scaling.block.columns
            let end = min(rowLength, (column / scaling.block.columns + 1) * scaling.block.columns)
            let run = rest.prefix(end - column)
            for byte in run {
                let bits = Self.rounded(values[Int(byte)] * scales[place])
                result.append(UInt8(truncatingIfNeeded: bits))
                result.append(UInt8(truncatingIfNeeded: bits >> 8))
            }
            rest = rest.dropFirst(run.count)
            column += run.count
            if column == rowLength { (row, column) = (row + 1, 0) }
        }
        return result
    }

    /// A float as the bits of the nearest BF16, of two the even one.
    private static func rounded(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }

    /// A float of 1 sign, 4 exponent and 3 mantissa bits, whose only special values are not numbers (OCP 8-bit floating point).
    private static func e4m3(_ byte: UInt8) -> Float {
        let (exponent, mantissa) = (Int(byte >> 3 & 15), Float(byte & 7))
        let sign: Float = byte & 0x80 == 0 ? 1 : -1
        if exponent == 15, mantissa == 7 { return .nan }
        return sign
            * (exponent == 0
                ? mantissa * 0x1p-9
                : Float(sign: .plus, exponent: exponent - 7, significand: 1 + mantissa / 8))
    }

    /// A float of 1 sign, 5 exponent and 10 mantissa bits.
    private static func binary16(_ bits: UInt16) -> Float {
        let (exponent, mantissa) = (Int(bits >> 10 & 31), Float(bits & 1_023))
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        switch exponent {
        case 31: return mantissa == 0 ? sign * .infinity : .nan
        case 0: return sign * mantissa * 0x1p-24
        default:
            return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + mantissa / 1_024)
        }
    }
}
