import Reports
import Testing

@Suite struct MarkupTextTests {
    @Test(
        "text stands in HTML as itself, whatever is in it",
        arguments: [
            ("", ""), ("layer05.txt", "layer05.txt"), ("é語🧮", "é語🧮"),
            (
                "</script><b a=\"1\" b='2'>&amp;",
                "&lt;/script&gt;&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;"
            ),
            ("a\u{0}\u{1B}]0;x\u{7}\n", "a\\u{0}\\u{1b}]0;x\\u{7}\\n"), ("a\u{202E}b", "a\\u{202e}b"),
        ]
    )
    func escapes(text: String, expected: String) {
        #expect(text.escapedForMarkup == expected)
    }
}
