import Foundation
import Sensitivity
import TestSupport
import Testing

@Suite("reading impact tables")
struct ImpactTableReaderTests {
    static let cells: [[ImpactCell]] = [
        [.impact(0.5), .impact(0.25)], [.forbidden(.infinite), .forbidden(.blank)],
    ]

    private func bad(_ line: Int, _ problem: TableProblem) -> SensitivityError {
        .badTable(file: "t", line: line, problem: problem)
    }

    private func read(_ text: String) throws(SensitivityError) -> ImpactTable {
        try ImpactTableReader.read(text: text, name: "t").table
    }

    @Test(
        "every shape of the same table is recognised and gives the same table",
        arguments: [
            (
                "|layer|Q4_1|torch.float8_e4m3fn|\n|-|:-:|--|\n|a|0.5|0.25|\n|b|inf||\n",
                ImpactTableShape.markdownTable
            ),
            ("layer|Q4_1|float8_e4m3fn\n-|-|-\na|0.5|0.25\nb|inf|\n", .markdownTable),
            ("\n  | Layer | Q4_1 | float8_e4m3fn |\r\n|-|-|-|\r\n|a|0.5|0.25|\r\n|b|INF||", .markdownTable),
            (
                "layer,format,impact\na,Q4_1,0.5\na,float8_e4m3fn,0.25\nb,Q4_1,inf\nb,float8_e4m3fn,\n",
                .csvLong
            ),
            (
                "LAYER, FORMAT, IMPACT\r\na,Q4_1,.5\r\nb,Q4_1,+Infinity\r\na,torch.float8_e4m3fn,25e-2\r\n",
                .csvLong
            ),
            ("layer,Q4_1,float8_e4m3fn\na,0.5,0.25\nb,inf,\n", .csvWide),
            ("\u{FEFF}layer,Q4_1,float8_e4m3fn\na,0.5,0.25\nb,inf,", .csvWide),
            (
                "\"layer\",\"Q4_1\",\"float8_e4m3fn\"\r\n\"a\",\"0.5\",\"0.25\"\r\n\"b\",\"inf\",\"\"\r\n",
                .csvWide
            ),
            ("layer,Q4_1,torch.float8_e4m3fn\n a ,\t5E-1 , 0.250\nb,+inf,  ", .csvWide),
        ]
    )
    func shapes(text: String, shape: ImpactTableShape) throws {
        let reading = try ImpactTableReader.read(text: text, name: "t")
        #expect(reading.shape == shape)
        #expect(reading.table.layers == ["a", "b"])
        #expect(reading.table.formats == ["Q4_1", "float8_e4m3fn"])
        #expect(reading.table.cells == Self.cells)
    }

    @Test("a page of the sensitivity analysis is recognised by its heading")
    func seedShape() throws {
        let reading = try ImpactTableReader.read(text: "\u{FEFF}" + SeedDocument.small, name: "t")
        #expect(reading.shape == .seedMarkdown)
        #expect(reading.table.cells == Self.cells)
    }

    @Test("layers and formats of the long form come in the order in which they are met")
    func longOrder() throws {
        let table = try read("layer,format,impact\nb,Q8_0,1\na,Q4_1,2\na,Q8_0,3\n")
        #expect(table.layers == ["b", "a"])
        #expect(table.formats == ["Q8_0", "Q4_1"])
        #expect(table.cells == [[.impact(1), .forbidden(.blank)], [.impact(3), .impact(2)]])
    }

    @Test("a cell missing from the long form is found as missing, a blank one as blank")
    func missing() throws {
        let table = try read("layer,format,impact\na,Q4_1,1\na,Q8_0,\nb,Q4_1,1\n")
        #expect(
            table.lint { _ in nil } == [
                ImpactFinding(layer: "a", formats: ["Q8_0"], kind: .blank),
                ImpactFinding(layer: "b", formats: ["Q8_0"], kind: .missing),
            ]
        )
    }

    @Test("empty rows are passed over and found, with their lines")
    func emptyRows() throws {
        let csv = try read("layer,Q4_1\n\na,1\n,\n\n")
        #expect(
            csv.readingFindings.map(\.kind) == [.emptyRow(line: 2), .emptyRow(line: 4), .emptyRow(line: 5)]
        )
        #expect(try read("layer,Q4_1\na,1\n,").readingFindings.map(\.kind) == [.emptyRow(line: 3)])
        #expect(try read("layer,Q4_1\na,1").readingFindings.isEmpty)
        let markdown = try read("|layer|Q4_1|\n|-|-|\n|a|1|\n||\n|||\n\n")
        #expect(markdown.readingFindings.map(\.kind) == [.emptyRow(line: 4), .emptyRow(line: 5)])
    }

    @Test("-0 counts as 0")
    func negativeZero() throws {
        #expect(try read("layer,Q4_1\na,-0.0\n").cells[0][0].impact?.bitPattern == 0)
    }

    @Test(
        "a number is read to its last digit",
        arguments: [
            "0.463829066281221", "5e-324", "1.7976931348623157e308", "0.1", "123456789.125", "+7", "7.",
        ]
    )
    func digits(text: String) throws {
        #expect(try read("layer,Q4_1\na,\(text)\n").cells[0][0].impact == Double(text))
    }

    @Test(
        "cells that cannot be read are errors with line and cell",
        arguments: [
            ("nan", TableProblem.notANumber("nan")), ("-NaN", .notANumber("-NaN")),
            ("-1", .negative("-1")), ("-inf", .negative("-inf")), ("-1e999", .negative("-1e999")),
            ("-1e-999", .outOfRange("-1e-999")),
            ("1e999", .outOfRange("1e999")), ("1e-999", .outOfRange("1e-999")),
            ("low", .unreadableCell("low")), ("0x10", .unreadableCell("0x10")),
            ("1_0", .unreadableCell("1_0")),
            ("1 0", .unreadableCell("1 0")), ("1e", .unreadableCell("1e")), (".", .unreadableCell(".")),
            ("-", .unreadableCell("-")), ("1.2.3", .unreadableCell("1.2.3")), ("١", .unreadableCell("١")),
            ("None", .unreadableCell("None")),
        ]
    )
    func badCells(cell: String, problem: TableProblem) throws {
        #expect(throws: bad(3, problem)) { try read("layer,Q4_1,Q8_0\na,1,1\nb,1,\(cell)\n") }
        #expect(throws: bad(2, problem)) { try read("layer,format,impact\na,Q4_1,\(cell)\n") }
        #expect(throws: bad(3, problem)) { try read("|layer|Q4_1|\n|-|-|\n|a|\(cell)|\n") }
    }

    @Test(
        "tables that are not whole are errors with their line",
        arguments: [
            ("", 1, TableProblem.noLayers),
            ("\n \n", 1, .noLayers),
            ("layer,Q4_1\n", 1, .noLayers),
            ("layer,format,impact\n", 1, .noLayers),
            ("|layer|Q4_1|", 1, .noLayers),
            ("|layer|Q4_1|\n|-|-|\n", 1, .noLayers),
            ("layer\na\n", 1, .noFormats),
            ("|layer|\n|-|\n|a|\n", 1, .noFormats),
            ("block,Q4_1\na,1\n", 1, .unknownHeader("block,Q4_1")),
            ("layer;Q4_1\na;1\n", 1, .otherSeparator("semicolons")),
            ("a,Q4_1,1\n", 1, .unknownHeader("a,Q4_1,1")),
            ("|block|Q4_1|\n|-|-|\n|a|1|\n", 1, .unknownHeader("block,Q4_1")),
            ("layer,impact,format\na,1,Q4_1\n", 1, .unusableName("impact")),
            ("layer,format,impact,note\na,Q4_1,1,\n", 1, .unusableName("format")),
            ("layer,Q4_1,\na,1,1\n", 1, .namelessFormat),
            ("layer,format,impact\na,,1\n", 2, .namelessFormat),
            ("layer,Q4_1,Q4_1\na,1,1\n", 1, .formatTwice("Q4_1", earlier: "Q4_1")),
            (
                "layer,torch.float8_e4m3fn,float8_e4m3fn\na,1,1\n", 1,
                .formatTwice("float8_e4m3fn", earlier: "float8_e4m3fn")
            ),
            ("layer,format,impact\na,Q4_1,1\nb,q4_1,1\n", 3, .formatTwice("q4_1", earlier: "Q4_1")),
            ("layer,Q4_1\na,1\n\na,2\n", 4, .layerTwice("a", firstLine: 2)),
            ("layer,Q4_1\n,1\n", 2, .namelessLayer),
            ("layer,format,impact\n,Q4_1,1\n", 2, .namelessLayer),
            (
                "layer,format,impact\na,Q4_1,1\nb,Q4_1,1\na,Q4_1,1\n", 4,
                .cellTwice(layer: "a", format: "Q4_1", firstLine: 2, first: .impact(1), second: .impact(1))
            ),
            ("layer,Q4_1,Q8_0\na,1\n", 2, .cellCount(found: 2, expected: 3)),
            ("layer,Q4_1\na,1,2\n", 2, .cellCount(found: 3, expected: 2)),
            ("layer,format,impact\na,Q4_1\n", 2, .cellCount(found: 2, expected: 3)),
            ("layer,format,impact\na,Q4_1,1,\n", 2, .cellCount(found: 4, expected: 3)),
            ("|layer|Q4_1|\n|a|1|\n", 2, .noSeparator("|a|1|")),
            ("|layer|Q4_1|\n\n|a|1|\n", 2, .noSeparator("")),
            ("|layer|Q4_1|\n|-|-|-|\n|a|1|\n", 2, .cellCount(found: 3, expected: 2)),
            ("|layer|Q4_1|\n|-|-|\na|1|\n", 3, .missingPipe("a|1|")),
            ("|layer|Q4_1|\n|-|-|\n|\n", 3, .missingPipe("|")),
            ("|layer|Q4_1|\n|-|-|\n|a|1|\n\nand so on\n", 5, .strayRow("and so on")),
            ("|layer|Q4_1|\n|-|-|\n||\n|a|1|\n", 3, .cellCount(found: 1, expected: 2)),
        ]
    )
    func badTables(text: String, line: Int, problem: TableProblem) throws {
        #expect(throws: bad(line, problem)) { try read(text) }
    }

    @Test(
        "quotes that do not balance are errors with their line",
        arguments: [
            "layer,Q4_1\n\"a,1\n", "layer,Q4_1\n\"a\nb\",1\n", "layer,Q4_1\n\"a\"b,1\n",
            "layer,Q4_1\na\"b,1\n",
            "layer,Q4_1\n\"a\" \"b\",1\n", "layer,Q4_1\n\"a",
        ]
    )
    func quotes(text: String) throws {
        #expect(throws: bad(2, .unbalancedQuote)) { try read(text) }
    }

    @Test(
        "control characters in CSV are errors with their line",
        arguments: ["\u{0}", "\u{b}", "\u{85}", "\u{2028}"]
    )
    func controlCharacters(character: String) throws {
        let code = try #require(character.unicodeScalars.first?.value)
        #expect(throws: bad(3, .controlCharacter(code))) {
            try read("layer,Q4_1\r\na,1\r\nb\(character),1\r\n")
        }
    }

    @Test("a long table that names as many formats as lines is an error, not a huge table")
    func tooLarge() throws {
        var text = "layer,format,impact\n"
        for number in 0..<300 {
            text += "l\(number),f\(number),1\n"
        }
        #expect(throws: bad(1, .tooLarge(layers: 300, formats: 300))) { try read(text) }
    }

    @Test("the built-in table survives the project's own CSV")
    func builtInAsCSV() throws {
        let table = try ImpactTable.fluxDevTable3
        let reading = try ImpactTableReader.read(text: table.csv(), name: "t")
        #expect(reading.shape == .csvWide)
        #expect(reading.table.digest == table.digest)
        #expect(reading.table.meaning == table.meaning)
        let start =
            "# kind: amplitude\n# unit: S·sqrt(L/R)\nlayer,Q4_1,float8_e4m3fn,Q5_1,Q8_0\n"
        #expect(table.csv().hasPrefix(start + "layer00.img,0.463829066281221,"))
        #expect(table.csv().contains("\nlayer18.img,0.05826942559120341,inf,0.041675650518199624,\n"))
    }

    @Test("any table survives the project's own CSV", arguments: 0..<40)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let letters = Array("abXY09._-,\"|;'# éß日🙂")
        func names(_ count: Int) -> [String] {
            (0..<count).map { number in
                let inner = (0..<Int.random(in: 0...8, using: &random)).compactMap { _ in
                    letters.randomElement(using: &random)
                }
                return ["\"", "a", ",", "#"][number % 4] + String(inner) + "\(number)"
            }
        }
        let formats = names(Int.random(in: 1...7, using: &random))
        let layers = names(Int.random(in: 1...12, using: &random))
        let cells = layers.map { _ in
            formats.map { _ -> ImpactCell in
                switch Int.random(in: 0..<6, using: &random) {
                case 0: return .forbidden(.blank)
                case 1: return .forbidden(.infinite)
                case 2: return .impact(0)
                case 3: return .impact(Double.random(in: 0...1, using: &random))
                default:
                    let value = Double(bitPattern: random.next() & 0x7fff_ffff_ffff_ffff)
                    return value.isFinite ? .impact(value) : .forbidden(.infinite)
                }
            }
        }
        let table = try ImpactTable(name: "t", formats: formats, layers: layers, cells: cells)
        #expect(try read(table.csv()) == table)
        // The long form of the same table is read as the same.
        var long = "layer,format,impact\n"
        for (layer, row) in zip(layers, cells) {
            for (format, cell) in zip(formats, row) {
                let names = [layer, format].map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }
                let value: String
                switch cell {
                case .impact(let impact): value = "\(impact)"
                case .forbidden(.infinite): value = "inf"
                case .forbidden(.blank): value = ""
                }
                long += names.joined(separator: ",") + "," + value + "\n"
            }
        }
        #expect(try read(long) == table)
    }

    @Test("no text brings the reader down", arguments: 0..<60)
    func mutilated(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let sources = [
            SeedDocument.small, "layer,Q4_1,Q8_0\n\"a\",1,2\nb,inf,\n",
            "layer,format,impact\na,Q4_1,1\nb,Q8_0,inf\n",
            "layer|Q4_1\n-|-\na|1\n",
        ]
        let source = sources.randomElement(using: &random) ?? ""
        let text = source.mutilated(
            with: "|,\"\n\r-+/e.09 #\u{301}\u{600}\u{0}\u{feff}",
            using: &random
        )
        // Either answer is right; a table that comes out must be one that can be written.
        if let table = try? read(text) {
            #expect(try read(table.csv()).digest == table.digest)
        }
    }

    @Test(
        "in every shape a format may have the name of a file type of llama.cpp, which is said",
        arguments: [
            "layer,Q4_K_M,Q8_0\na,0.5,0.25\nb,0.5,0.25\n",
            "|layer|Q4_K_M|Q8_0|\n|-|-|-|\n|a|0.5|0.25|\n|b|0.5|0.25|\n",
            "layer,format,impact\na,Q4_K_M,0.5\na,Q8_0,0.25\nb,Q4_K_M,0.5\nb,Q8_0,0.25\n",
            #"""
            [{"layer": "a", "format": "Q4_K_M", "impact": 0.5}, {"layer": "a", "format": "Q8_0", "impact": 0.25},
            {"layer": "b", "format": "Q4_K_M", "impact": 0.5}, {"layer": "b", "format": "Q8_0", "impact": 0.25}]
            """#,
            "a: {Q4_K_M: 0.5, Q8_0: 0.25}\nb: {Q4_K_M: 0.5, Q8_0: 0.25}\n",
        ]
    )
    func fileTypes(text: String) throws {
        let table = try read(text)
        #expect(table.formats == ["Q4_K", "Q8_0"])
        #expect(table.cells == [[.impact(0.5), .impact(0.25)], [.impact(0.5), .impact(0.25)]])
        let said = table.lint { _ in nil }.filter { if case .fileType = $0.kind { true } else { false } }
        #expect(said == [ImpactFinding(layer: nil, formats: ["Q4_K"], kind: .fileType(written: "Q4_K_M"))])
        // Two names of one format are two columns of it.
        #expect(
            sentence { try read("layer,Q4_K_M,Q4_K_S\na,0.5,0.25\n") }
                == #"t:1: the format "Q4_K" is there twice: delete one of the two"#
        )
    }

    @Test(
        "a file of losses is named as one, with what its comments say and without",
        arguments: [
            "layer,format,loss\na,Q4_0,0.1\n", "layer,format,loss,standardError\na,Q4_0,0.1,0.01\n",
            "# kind: loss\n# importance: none\nlayer,format,loss,standardError\na,Q4_0,0.1,0.01\n",
        ]
    )
    func namesLosses(text: String) throws {
        let error = try #require(throws: SensitivityError.self) { try read(text) }
        #expect(
            error.description.hasSuffix(
                "these are measured losses of single layers; let plan estimate complete them to a table of impacts"
            )
        )
    }
}
