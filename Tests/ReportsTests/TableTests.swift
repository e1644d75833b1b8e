import Text
import Reports
import Testing

@Suite("Table")
struct TableTests {
    private let table = Table(
        columns: [
            Table.Column("Layer", key: "layer"),
            Table.Column("Bytes", .right, key: "bytes"),
            Table.Column("Impact", .right, key: "impact"),
            Table.Column("Note"),
        ],
        rows: [
            ["layer05.txt", .init("180 486 144", value: .integer(180_486_144)), .number(0.138), "a|b"],
            ["é語🧮", .integer(7), .init("–", value: .null), .boolean(true)],
        ]
    )

    @Test("text is aligned, with no space at the end of a line")
    func text() throws {
        let expected = """
            Layer              Bytes  Impact  Note
            -----------  -----------  ------  ----
            layer05.txt  180 486 144   0.138  a|b
            é語🧮                    7       –  yes

            """
        #expect(try table.rendered(as: .text) == expected)
    }

    @Test("only the headings are emphasised")
    func emphasis() throws {
        let styled = try table.rendered(as: .text, style: TerminalStyle(isEnabled: true)).split(
            separator: "\n"
        )
        let plain = table.text().split(separator: "\n")
        #expect(styled.first == "\u{1B}[1mLayer              Bytes  Impact  Note\u{1B}[22m")
        #expect(styled.dropFirst() == plain.dropFirst())
    }

    @Test("control characters cannot reach the terminal")
    func controls() {
        let table = Table(columns: [.init("N\ta")], rows: [["a\u{1B}[31m\r\nb\u{202E}\u{85}"]])
        let expected = """
            N\\ta
            ------------------------------
            a\\u{1b}[31m\\r\\nb\\u{202e}\\u{85}

            """
        #expect(table.text() == expected)
    }

    @Test("Markdown escapes what would be markup")
    func markdown() throws {
        let expected = """
            | Layer       |       Bytes | Impact | Note |
            | ----------- | ----------: | -----: | ---- |
            | layer05.txt | 180 486 144 |  0.138 | a\\|b |
            | é語🧮         |           7 |      – | yes  |

            """
        #expect(try table.rendered(as: .markdown) == expected)
        let marks = Table(columns: [.init("a\\|")], rows: [["layer*\n<b>`x`"]])
        #expect(
            marks.markdown() == """
                | a\\\\\\|               |
                | ------------------- |
                | layer\\*\\\\n\\<b>\\`x\\` |

                """
        )
    }

    @Test("CSV holds the values and quotes what needs it")
    func csv() throws {
        let expected = """
            layer,bytes,impact,Note
            layer05.txt,180486144,0.138,a|b
            é語🧮,7,,true

            """
        #expect(try table.rendered(as: .csv) == expected)
        let quoted = Table(
            columns: [.init("a,b"), .init("c\"d")],
            rows: [["1\r\n2", "=1+1"], ["", .empty], ["-x", "@y"], [.number(.infinity), "two words"]]
        )
        #expect(
            quoted.csv() == "\"a,b\",\"c\"\"d\"\n\"1\r\n2\",=1+1\n\"\",\n-x,@y\ninf,two words\n"
        )
        #expect(Table(columns: [.init("a")], rows: [[.empty]]).csv() == "a\n\"\"\n")
    }

    @Test("JSON holds the values under the columns' keys")
    func json() throws {
        let expected = """
            [
              {"layer": "layer05.txt", "bytes": 180486144, "impact": 0.138, "Note": "a|b"},
              {"layer": "é語🧮", "bytes": 7, "impact": null, "Note": true}
            ]

            """
        #expect(try table.rendered(as: .json) == expected)
        let infinite = Table(columns: [.init("a")], rows: [[.number(.infinity)]])
        #expect(throws: JSONWritingError.nonFiniteNumber(path: "$[0].a")) { try infinite.rendered(as: .json) }
    }

    @Test("a table without rows still has its headings")
    func noRows() throws {
        let empty = Table(columns: [.init("A"), .init("B", .right)])
        #expect(empty.text() == "A  B\n-  -\n")
        #expect(empty.markdown() == "| A   |   B |\n| --- | --: |\n")
        #expect(empty.csv() == "A,B\n")
        #expect(try empty.json() == "[]\n")
    }

    @Test("no cell of a row is lost, whatever its length")
    func unevenRows() {
        var table = Table(columns: [.init("A")], rows: [["1"]])
        table.append(["2", "3", "4"])
        table.append([])
        #expect(table.csv() == "A,column2,column3\n1,,\n2,3,4\n,,\n")
    }

    @Test("formats are named as on the command line")
    func formats() {
        #expect(OutputFormat.allCases.map(\.rawValue) == ["text", "json", "csv", "markdown"])
    }
}
