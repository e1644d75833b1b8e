import TestSupport
import Foundation
import Text
import Testing

@Suite("JSON round trip")
struct RoundTripTests {
    @Test("what is written is read back by another reader", arguments: 0..<60)
    func roundTrip(seed: Int) throws {
        let value = JSONValue.random(seed: seed)
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
}
