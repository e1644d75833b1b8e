import Foundation
import OrderedJSON
import TestSupport
import Testing

@Suite("JSON round trip")
struct RoundTripTests {
    @Test("what is written is read back by another reader", arguments: 0..<60)
    func roundTrip(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let value = randomValue(depth: 5, using: &generator)
        let text = try value.text()
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        #expect(isEqual(value, object))
        #expect(try value.utf8() == Array(text.utf8))
        for line in text.split(separator: "\n") where line.unicodeScalars.count > 120 {
            // Only a key or string that no line break can shorten is longer.
            #expect(!line.dropLast().contains("[") && !line.dropLast().contains("{"))
        }
    }

    @Test("numbers are read back to the last bit", arguments: 0..<20)
    func exactNumbers(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let numbers = (0..<200).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
        let text = try JSONValue.array(numbers.map(JSONValue.number)).text()
        #expect(try JSONDecoder().decode([Double].self, from: Data(text.utf8)) == numbers)
    }

    private func isEqual(_ value: JSONValue, _ object: Any) -> Bool {
        switch value {
        case .object(let members):
            guard let object = object as? [String: Any], object.count == members.count else { return false }
            return members.allSatisfy { member in
                object[member.key].map { isEqual(member.value, $0) } ?? false
            }
        case .array(let elements):
            guard let object = object as? [Any], object.count == elements.count else { return false }
            return zip(elements, object).allSatisfy(isEqual)
        case .string(let string): return object as? String == string
        case .integer(let integer): return object as? Int == integer
        case .number(let number):
            // Foundation reads some numbers as decimals and rounds once more on the way to a Double.
            guard let object = object as? Double else { return false }
            return abs(object - number) <= 1e-14 * abs(number)
        case .boolean(let boolean): return object as? Bool == boolean
        case .null: return object is NSNull
        }
    }

    private func randomValue(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
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

    private func randomString(using generator: inout SeededGenerator) -> String {
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
