/// Modes `mxfp4`, `nvfp4` and `mxfp8` of MLX: floats of 4 or 8 bits, and a scale of one byte.
///
/// `mxfp4` and `mxfp8` have a power of two as their scale, the smallest one that keeps the largest element in range; `nvfp4` has
/// the 8-bit float nearest to what makes the largest element 6. Scales and quotients are rounded to the type of the weights, in
/// which MLX's CPU backend computes them; the nearest float is the first of several in the order of codes.
struct FloatGroups: GroupFormat {
    /// How a scale is stored.
    private enum ScaleType {
        /// The exponent of a power of two, and 127.
        case exponent
        /// An 8-bit float with 4 exponent bits.
        case float
    }

    let groupElements: Int
    let codeBits: Int
    private let scaleType: ScaleType
    private let values: [Float]

    var scaleBytes: Int { 1 }
    var hasBias: Bool { false }

    static let mxfp4 = FloatGroups(groupElements: 32, codeBits: 4, scaleType: .exponent)
    static let nvfp4 = FloatGroups(groupElements: 16, codeBits: 4, scaleType: .float)
    static let mxfp8 = FloatGroups(groupElements: 32, codeBits: 8, scaleType: .exponent)

    private init(groupElements: Int, codeBits: Int, scaleType: ScaleType) {
        self.groupElements = groupElements
        self.codeBits = codeBits
        self.scaleType = scaleType
        values = (0..<1 << codeBits).map { code in
            codeBits == 4
                ? FourBitFloat.value(ofCode: UInt8(code)) / 2 : SmallFloat.e4m3fn.value(ofBits: UInt32(code))
        }
    }

    /// The largest magnitude of a code's value.
    private var limit: Float { codeBits == 4 ? 6 : SmallFloat.e4m3fn.largest }

    @inline(__always)
    func quantize<Source: ElementFormat>(_ tile: Tile, as source: Source.Type) -> GroupScale {
        var largest = tile.row[0].magnitude
        for index in 1..<vectorCount { largest = tile.row[index].magnitude.orLarger(largest) }
        var peak: Float = 0
        for lane in 0..<EightFloats.laneCount { peak = max(peak, largest[lane]) }
        let wanted = Source.rounded(FourFloats(repeating: peak / limit))[0]
        let bits: UInt32
        let divisor: Float
        switch scaleType {
        case .exponent:
            let exponent = Self.exponent(of: wanted)
            // Exponents that one byte does not hold wrap around, as MLX's do; what was divided is another power then.
            bits = UInt32(UInt8(truncatingIfNeeded: exponent + 127))
            let power = Float(sign: .plus, exponent: exponent, significand: 1)
            divisor = Source.rounded(FourFloats(repeating: power))[0]
        case .float:
            let rounded = SmallFloat.e4m3fn.rounded(
                FourFloats(repeating: min(wanted, SmallFloat.e4m3fn.largest))
            )
            bits = SmallFloat.e4m3fn.bits(of: rounded[0])
            divisor = rounded[0]
        }
        for index in 0..<vectorCount {
            let quotient = tile.row[index] / divisor
            let rounded = EightFloats(low: Source.rounded(quotient.low), high: Source.rounded(quotient.high))
            tile.levels[index] =
                divisor == 0
                ? .zero : codeBits == 4 ? Self.nearestOfFourBits(rounded) : nearestOfEight(rounded)
        }
        return GroupScale(bits: bits, value: scale(ofBits: bits, as: source), bias: 0)
    }

    /// The exponent of the smallest power of two that is not below a number; 0 for zero.
    private static func exponent(of wanted: Float) -> Int {
        guard wanted > 0 else { return 0 }
        guard wanted < .infinity else { return 128 }
        return Int(wanted.exponent) + (wanted.significand > 1 ? 1 : 0)
    }

    @inline(__always)
    private static func nearestOfFourBits(_ element: EightFloats) -> EightFloats {
        let magnitude = element.magnitude
        var level = EightFloats.zero
        var best = magnitude
        for candidate in [0.5, 1, 1.5, 2, 3, 4, 6] as [Float] {
            let error = (magnitude - candidate).magnitude
            let isBetter = error .< best
            level.replace(with: candidate, where: isBetter)
            best.replace(with: error, where: isBetter)
        }
        return level.withSigns(of: element)
    }

    @inline(__always)
    private func nearestOfEight(_ element: EightFloats) -> EightFloats {
        let inRange = element.clamped(-limit, limit)
        return EightFloats(
            low: SmallFloat.e4m3fn.rounded(inRange.low),
            high: SmallFloat.e4m3fn.rounded(inRange.high)
        )
    }

    @inline(__always)
    func scale<Source: ElementFormat>(ofBits bits: UInt32, as source: Source.Type) -> Float {
        switch scaleType {
        case .exponent: Float(sign: .plus, exponent: Int(bits & 0xFF) - 127, significand: 1)
        case .float: SmallFloat.e4m3fn.value(ofBits: bits)
        }
    }

    @inline(__always)
    func value(ofCode code: UInt8) -> Float { values[Int(code)] }

    @inline(__always)
    func code(of value: Float) -> UInt8 {
        codeBits == 4
            ? FourBitFloat.code(of: value * 2)
            : UInt8(truncatingIfNeeded: SmallFloat.e4m3fn.bits(of: value))
    }
}
