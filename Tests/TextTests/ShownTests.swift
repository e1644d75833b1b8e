import Testing

@testable import Text

@Suite("Untrusted text")
struct ShownTests {
    @Test(
        "everything that could garble a terminal is an escape",
        arguments: [
            ("plain é 語 👩‍👩‍👧", "plain é 語 👩‍👩‍👧"),
            ("a\u{1B}]0;owned\u{7}", "a\\u{1b}]0;owned\\u{7}"),
            ("\n\r\t\u{0}\u{7F}", "\\n\\r\\t\\u{0}\\u{7f}"),
            ("\u{9B}31m\u{85}", "\\u{9b}31m\\u{85}"),
            ("a\u{202E}b\u{2066}\u{200F}\u{61C}", "a\\u{202e}b\\u{2066}\\u{200f}\\u{61c}"),
            ("\u{2028}\u{2029}\u{FEFF}\u{200B}\u{E0041}", "\\u{2028}\\u{2029}\\u{feff}\\u{200b}\\u{e0041}"),
            ("a\\b \"c\"", "a\\b \"c\""),
        ]
    )
    func visible(text: String, expected: String) {
        #expect(text.visible == expected)
    }

    @Test("a quoted text escapes its own quotes, and a long one is cut")
    func quoted() {
        #expect("a\"b\\c\u{1B}".quoted == #""a\"b\\c\u{1b}""#)
        #expect(String(repeating: "x", count: 200).quoted == "\"\(String(repeating: "x", count: 200))\"")
        #expect(String(repeating: "x", count: 201).quoted == "\"\(String(repeating: "x", count: 200))\"…")
    }

    @Test("a list is cut after the first names")
    func listed() {
        #expect(["a", "b\n"].listed() == "\"a\", \"b\\n\"")
        #expect((1...8).map { "\($0)" }.listed(atMost: 2) == "\"1\", \"2\" and 6 more")
    }
}
