import TestSupport
import Testing

@testable import Text

/// Reading decimal numbers without the C library.
@Suite struct DecimalNumberTests {
    private func value(_ text: String) -> Double? {
        text.utf8.withContiguousStorageIfAvailable(DecimalNumber.value) ?? nil
    }

    @Test("what is read is what the standard library reads, to the last bit", arguments: 1...20)
    func agrees(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var readCount = 0
        for _ in 0..<2_000 {
            let digits = String(
                (0..<Int.random(in: 1...19, using: &random)).map { _ in
                    "0123456789".randomElement(using: &random) ?? "0"
                }
            )
            let point = Int.random(in: 0...digits.count, using: &random)
            var text = String(digits.prefix(point)) + "." + String(digits.dropFirst(point))
            if Bool.random(using: &random) { text += "e\(Int.random(in: -40...40, using: &random))" }
            guard let read = value(text) else { continue }
            readCount += 1
            #expect(read.bitPattern == Double(text)?.bitPattern, "\(text)")
        }
        #expect(readCount > 1_900)
    }

    @Test("doubles in their shortest decimals and in seventeen digits are read back", arguments: 1...20)
    func roundTrips(seed: Int) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let exponent = Int.random(in: -100...100, using: &random)
            let number = Double(
                sign: .plus,
                exponent: exponent,
                significand: .random(in: 1..<2, using: &random)
            )
            for text in [number.description, number.shortestDecimal] {
                if let read = value(text) { #expect(read == number, "\(text)") }
            }
        }
    }

    @Test(
        "numbers halfway between two doubles, and next to that, are read right or not at all",
        arguments: [
            "9007199254740993", "9007199254740992.9", "9007199254740993.1", "9007199254740995",
            "1.00000000000000011102230246251565", "4503599627370496.5", "4503599627370497.5",
            "0.500000000000000166", "1125899906842624.125", "8589934592.00000095",
            "18014398509481990", "18014398509481986", "1e23", "8.5e22", "9.5e-22", "5e-22",
        ]
    )
    func halfway(text: String) {
        if let read = value(text) { #expect(read.bitPattern == Double(text)?.bitPattern) }
    }

    @Test(
        "plain numbers are read",
        arguments: ["0", "0.0", "1", "12.5", ".5", "5.", "1e3", "1E+3", "2.5e-3", "007"]
    )
    func plain(text: String) {
        #expect(value(text) == Double(text.hasPrefix(".") ? "0" + text : text))
    }

    @Test(
        "what is no number, is signed, is long or is far from 1 is left to others",
        arguments: [
            "", ".", "e5", "1e", "1e+", "1e-", "1.2.3", "-1", "+1", "1x", "x", "inf", "nan", "0x10",
            "1e12345",
            "1e99999999999999999999", "1e300", "1e-300", "12345678901234567890", "18446744073709551616",
            "18446744073709551616.5", " 1", "1 ", "1,5",
        ]
    )
    func others(text: String) {
        #expect(value(text) == nil)
    }
}
