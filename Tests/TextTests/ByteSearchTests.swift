import TestSupport
import Testing

@testable import Text

/// Looking for a text in another one byte by byte.
@Suite struct ByteSearchTests {
    @Test("what is found is what lies there byte for byte", arguments: 1...20)
    func agrees(seed: Int) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let text = String(
                (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    "aé.".randomElement(using: &random) ?? "a"
                }
            )
            let part = String(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    "aé.".randomElement(using: &random) ?? "a"
                }
            )
            let (own, other) = (Array(text.utf8), Array(part.utf8))
            let isThere = (0...max(0, own.count - other.count)).contains {
                own.dropFirst($0).starts(with: other)
            }
            #expect(text.hasBytes(of: part) == isThere, "\(text) \(part)")
        }
    }

    @Test("any of several texts is found where one of them is", arguments: 1...20)
    func anyOf(seed: Int) {
        var random = SeededGenerator(seed: seed)
        func text(_ counts: ClosedRange<Int>) -> String {
            String(
                (0..<Int.random(in: counts, using: &random)).map { _ in
                    "aé.b".randomElement(using: &random) ?? "a"
                }
            )
        }
        for _ in 0..<200 {
            let (name, parts) = (
                text(0...12), (0..<Int.random(in: 0...4, using: &random)).map { _ in text(0...3) }
            )
            let isThere = parts.contains(where: name.hasBytes)
            #expect(name.hasBytes(ofAny: ByteParts(parts)) == isThere, "\(name) \(parts)")
        }
    }

    @Test("marks count as the bytes that they are, though characters would be others")
    func marks() {
        #expect("a\u{301}.weight".hasBytes(of: "a") && !"á.weight".hasBytes(of: "a"))
        #expect("".hasBytes(of: "") && !"".hasBytes(of: "a"))
    }
}
