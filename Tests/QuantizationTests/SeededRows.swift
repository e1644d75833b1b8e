import TestSupport

/// Rows that `Scripts/lib/quantization_vectors.py` makes as well, by the same arithmetic.
enum SeededRows {
    /// The kinds of rows whose numbers are ordinary.
    static let ordinary = [
        "gaussian", "heavy", "outlier columns", "sparse", "ties", "bytes", "positive", "negative", "zero",
        "negative zero", "constant", "one outlier",
    ]
    /// The kinds of rows whose scales are beyond 16-bit floats, or whose squares are beyond 32-bit ones.
    static let extreme = ["subnormal", "large", "overflow"]

    /// The row of a kind and a seed.
    static func make(_ kind: String, seed: Int, count: Int = 256) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { element(of: kind, at: $0, &generator) }
    }

    private static func element(of kind: String, at index: Int, _ generator: inout SeededGenerator) -> Float {
        switch kind {
        case "gaussian":
            return gaussian(&generator) * 0x1p-5
        case "heavy":
            let zeros = min(generator.next().trailingZeroBitCount, 8)
            return gaussian(&generator) * Float(sign: .plus, exponent: zeros - 9, significand: 1)
        case "outlier columns":
            let value = gaussian(&generator) * (index % 32 == 5 ? 2 : 0x1p-5)
            return Float(bitPattern: value.bitPattern & 0xFFFF_0000)
        case "sparse":
            // The value is drawn first.
            let value = gaussian(&generator)
            return generator.next() % 8 == 0 ? value : 0
        case "ties": return Float(generator.next() % 17) * 0.5 - 4
        case "bytes": return Float(generator.next() % 255) * 0.5 - 63.5
        case "positive": return gaussian(&generator).magnitude + 1
        case "negative": return -(gaussian(&generator).magnitude + 1)
        case "negative zero": return -0.0
        case "constant": return 0.3
        case "one outlier": return index == 37 ? 3 : index == 200 ? -2 : 0
        case "subnormal": return gaussian(&generator) * 0x1p-140
        case "large": return gaussian(&generator) * 0x1p100
        case "overflow": return gaussian(&generator) * 0x1p22
        default: return 0
        }
    }

    /// Importances with a wide range, some of them zero.
    static func importance(seed: Int, count: Int = 256) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let value = generator.next() % 16 == 0 ? 0 : gaussian(&generator)
            return value * value
        }
    }

    /// About a standard normal number: four uniform ones of 24 bits, less their mean.
    private static func gaussian(_ generator: inout SeededGenerator) -> Float {
        let sum = (0..<4).reduce(0) { sum, _ in sum + Int(generator.next() >> 40) }
        return Float(sum - (1 << 25)) * 0x1p-23
    }
}
