import TestSupport
import Testing

@testable import Text

@Suite("Names of files")
struct SystemPathTests {
    @Test(
        "a name of any bytes becomes a text and the same bytes again",
        arguments: [
            Array("plain é 🧮".utf8), [0x61, 0xFF, 0x62], [0xC3], [0xE2, 0x82], [0xF4, 0x8F, 0x9E, 0x80],
            [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFE, 0xFF, 0x80],
        ] as [[UInt8]]
    )
    func roundTrip(bytes: [UInt8]) {
        let text = String(systemPath: bytes)
        #expect(text.systemPath == bytes)
        #expect(String(systemPath: text.systemPath) == text)
    }

    @Test("random bytes keep", arguments: 0..<50)
    func randomBytes(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let bytes = (0..<40).map { _ in UInt8.random(in: 0xC0...0xFF, using: &generator) }
        #expect(String(systemPath: bytes).systemPath == bytes)
    }

    @Test("a byte that is no text is shown by its number")
    func shown() {
        #expect(String(systemPath: [0x61, 0xFF, 0x80]).visible == "a\\xff\\x80")
        #expect(String(systemPath: Array("é".utf8)) == "é")
    }
}
