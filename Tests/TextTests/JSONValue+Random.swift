import TestSupport
import Text

extension JSONValue {
    /// A value of some depth, for round trips.
    static func random(seed: Int) -> JSONValue {
        var generator = SeededGenerator(seed: seed)
        return randomValue(depth: 5, using: &generator)
    }

    private static func randomValue(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: depth > 0 ? 0...7 : 2...7, using: &generator) {
        case 0:
            return .array(
                (0..<Int.random(in: 0...9, using: &generator)).map { _ in
                    randomValue(depth: depth - 1, using: &generator)
                }
            )
        case 1:
            return .object(
                (0..<Int.random(in: 0...9, using: &generator)).map { index in
                    let key = "\(index)" + randomString(using: &generator)
                    return .init(key: key, value: randomValue(depth: depth - 1, using: &generator))
                }
            )
        case 2: return .boolean(Bool.random(using: &generator))
        case 3: return .null
        case 4:
            return .integer(
                Int(truncatingIfNeeded: generator.next()) >> Int.random(in: 0...63, using: &generator)
            )
        case 5:
            let number = Double(bitPattern: generator.next())
            return .number(number.isFinite && number.magnitude > 1e-300 ? number : 0.5)
        default: return .string(randomString(using: &generator))
        }
    }

    private static func randomString(using generator: inout SeededGenerator) -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "Z", "0", " ", ".", "/", "\"", "\\", "\n", "\r", "\t", "\u{0}", "\u{1F}", "\u{7F}", "é",
            "\u{2028}",
            "\u{2029}", "語", "🧮",
        ]
        var string = ""
        for _ in 0..<Int.random(in: 0...24, using: &generator) {
            string.unicodeScalars.append(alphabet.randomElement(using: &generator) ?? "a")
        }
        return string
    }
}
