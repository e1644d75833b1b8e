import Reports
import Testing

@Suite("Terminal style")
struct TerminalStyleTests {
    @Test(
        "text is emphasised only on a terminal and only if colour is not refused",
        arguments: [
            (true, [:], true),
            (true, ["NO_COLOR": ""], true),
            (true, ["NO_COLOR": "1"], false),
            (true, ["NO_COLOR": "0"], false),
            (true, ["TERM": "xterm"], true),
            (true, ["TERM": "dumb"], false),
            (false, [:], false),
        ] as [(Bool, [String: String], Bool)]
    )
    func decision(isTerminal: Bool, environment: [String: String], isEnabled: Bool) {
        #expect(TerminalStyle(isTerminal: isTerminal, environment: environment).isEnabled == isEnabled)
    }

    @Test("emphasis surrounds the text, or leaves it alone")
    func emphasis() {
        let style = TerminalStyle(isEnabled: true)
        #expect(style.bold("a") == "\u{1B}[1ma\u{1B}[22m")
        #expect(style.bold("") == "")
        #expect(TerminalStyle.plain.bold("a") == "a")
    }
}
