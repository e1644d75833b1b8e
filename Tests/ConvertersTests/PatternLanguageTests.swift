import Foundation
import TestSupport
import Testing

@testable import Converters

@Suite struct PatternLanguageTests {
    private func names(_ pattern: String) -> [String]? {
        PatternLanguage.names(matching: Array(pattern.utf8))?.map { name in
            String(decoding: name.map { $0 ?? UInt8(ascii: "?") }, as: UTF8.self)
        }
    }

    @Test("the names that a pattern matches are listed")
    func lists() {
        #expect(names(#"^a\.b$"#) == ["a.b"])
        #expect(names(#"^(p\.)?a(0|12)$"#) == ["p.a0", "p.a12", "a0", "a12"])
        #expect(names("^a.c$") == ["a?c"])
        #expect(names(#"^a\\$"#) == [#"a\"#])
        #expect(names("^$") == [""])
    }

    @Test(
        "a pattern that is not anchored or matches endlessly many names is refused",
        arguments: [
            "", "^", "$", "a$", "^a", "^a*$", "^a+$", "^[ab]$", "^a?$", #"^\d$"#, #"^a\$"#, "^(a$", "^a)$",
            "^a|b$",
            "^(a(b)c)$", "^a{2}$", "^a^b$", "^a$b$", #"^\"#,
        ]
    )
    func refuses(pattern: String) {
        #expect(names(pattern) == nil)
    }

    @Test("listing agrees with a regular expression engine", arguments: 0..<200)
    func agrees(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = ["a", "b", "1", "\\.", ".", "(a|b)", "(1|12|)?", "(a\\.)?", "\\+"]
        let pattern =
            "^"
            + (0..<Int.random(in: 0...4, using: &generator)).compactMap { _ in
                pieces.randomElement(using: &generator)
            }.joined() + "$"
        let expression = try NSRegularExpression(pattern: pattern)
        let listed = try #require(PatternLanguage.names(matching: Array(pattern.utf8)))
        for _ in 0..<60 {
            let name = (0..<Int.random(in: 0...6, using: &generator)).compactMap { _ in
                "ab12.+".randomElement(using: &generator).map(String.init)
            }.joined()
            let matches =
                expression.firstMatch(in: name, range: NSRange(location: 0, length: name.utf16.count)) != nil
            let bytes = Array(name.utf8)
            let isListed = listed.contains { candidate in
                candidate.count == bytes.count && zip(candidate, bytes).allSatisfy { $0 == nil || $0 == $1 }
            }
            #expect(matches == isListed, "\(pattern) and \(name)")
        }
    }

    @Test("numbers are written as ranges and read back")
    func ranges() {
        #expect(NumberRanges.text([0, 1, 2, 5, 7, 8]) == "0-2, 5, 7-8")
        #expect(NumberRanges.text([]) == "")
        #expect(NumberRanges.numbers("0-2, 5, 7-8") == [0, 1, 2, 5, 7, 8])
        for text in ["", "a", "3-1", "1-2-3", "-1", "0-99999999999", "1,,2"] {
            #expect(NumberRanges.numbers(text) == nil)
        }
    }
}
