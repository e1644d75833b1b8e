import Testing

@testable import Text

@Suite("CSV")
struct CSVTests {
    private func rows(_ text: String) throws -> [CSVRow] {
        var reader = CSVReader(text)
        var rows: [CSVRow] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    @Test(
        "cells are split, trimmed and freed of their quotes",
        arguments: [
            ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
            ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
            ("a\rb\r", [["a"], ["b"]]),
            (" a , b\t\n", [["a", "b"]]),
            ("\"a,b\", \"c\"\"d\" ,\"\"\n", [["a,b", "c\"d", ""]]),
            ("\"\"\"\",\"a\"\"\"\"b\"", [["\"", "a\"\"b"]]),
            ("\" a \"", [["a"]]),
            (",\n", [["", ""]]), ("\n", [[""]]), ("", []), ("a,", [["a", ""]]),
            ("é,語,🧮\n", [["é", "語", "🧮"]]),
            ("\u{E9}\u{301},\u{301}x\n", [["\u{E9}\u{301}", "\u{301}x"]]),
        ] as [(String, [[String]])]
    )
    func cells(text: String, expected: [[String]]) throws {
        #expect(try rows(text).map { $0.cells.map { String($0) } } == expected)
    }

    @Test("rows have their lines")
    func lines() throws {
        #expect(try rows("a\n\nb\r\n\r\nc").map(\.line) == [1, 2, 3, 4, 5])
        #expect(try rows("a\n,\n ,\t\n").map(\.isEmpty) == [false, true, true])
    }

    @Test(
        "what makes cells uncertain is a defect of its line",
        arguments: [
            ("a\n\"b\n", 2, CSVDefect.Problem.unbalancedQuote), ("a\"b\n", 1, .unbalancedQuote),
            ("\"a\"b\n", 1, .unbalancedQuote), ("\"a\" \"b\"", 1, .unbalancedQuote),
            ("\"", 1, .unbalancedQuote),
            ("\"a\nb\"", 1, .unbalancedQuote),
            ("a\u{0}\n", 1, .controlCharacter(0)), ("a\n\u{1B}\n", 2, .controlCharacter(0x1B)),
            ("\"\u{7F}\"", 1, .controlCharacter(0x7F)), ("\u{85}", 1, .controlCharacter(0x85)),
            ("\u{2028}", 1, .controlCharacter(0x2028)), ("a,\"\u{2029}\"", 1, .controlCharacter(0x2029)),
        ]
    )
    func defects(text: String, line: Int, problem: CSVDefect.Problem) {
        #expect(throws: CSVDefect(line: line, problem: problem)) { try rows(text) }
    }

    @Test("a line of commas is refused before its cells fill the memory")
    func tooManyCells() {
        let commas = String(repeating: ",", count: 3_000_000)
        #expect(throws: CSVDefect(line: 2, problem: .tooManyCells(limit: CSVReader.cellLimit))) {
            try rows("a\n" + commas)
        }
    }

    @Test(
        "what is written as a field is read back",
        arguments: ["a", "", "a,b", "\"", "a\"b,\"\"", "é", "語,"]
    )
    func fields(text: String) throws {
        #expect(try rows("\(text.csvField),x").map { $0.cells.map { String($0) } } == [[text, "x"]])
    }

    @Test("only what needs quotes gets them")
    func quotes() {
        #expect(
            ["a b", "a,b", "a\"b", "", "a\nb", "a\r\nb", " a", "=1"].map(\.csvField)
                == ["a b", "\"a,b\"", "\"a\"\"b\"", "\"\"", "\"a\nb\"", "\"a\r\nb\"", "\" a\"", "=1"]
        )
    }
}
