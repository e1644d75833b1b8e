import Sensitivity
import Testing

@Suite("reading a page of the sensitivity analysis")
struct SensitivityAnalysisPageTests {
    /// The small page with one text replaced by another.
    private func page(
        _ text: String,
        _ replacement: String
    ) throws(SensitivityError) -> SensitivityAnalysisPage {
        let page = SeedDocument.small.replacing(text, with: replacement, maxReplacements: 1)
        return try SensitivityAnalysisPage(markdown: page, name: "p.md")
    }

    private func bad(_ line: Int, _ problem: TableProblem) -> SensitivityError {
        .badTable(file: "p.md", line: line, problem: problem)
    }

    @Test("a page of another model is read with its own layers")
    func smallPage() throws {
        let page = try SensitivityAnalysisPage(markdown: SeedDocument.small, name: "small")
        #expect(page.profile.name == "small")
        #expect(page.profile.joinLayer == 2)
        #expect(page.profile.layerCount == 3)
        #expect(try page.profile.relativeSensitivity(before: 1, stream: .txt) == 0.2)
        #expect(try page.profile.relativeSensitivity(before: 2, stream: .x) == 1)
        #expect(page.impacts.formats == ["Q4_1", "float8_e4m3fn"])
        #expect(
            page.impacts.cells == [
                [.impact(0.5), .impact(0.25)], [.forbidden(.infinite), .forbidden(.blank)],
            ]
        )
        #expect(page.impacts.readingFindings.isEmpty)
    }

    @Test("lines may end with a carriage return")
    func carriageReturns() throws {
        let text = SeedDocument.small.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\r\n")
        let page = try SensitivityAnalysisPage(markdown: text, name: "small")
        #expect(try page == SensitivityAnalysisPage(markdown: SeedDocument.small, name: "small"))
    }

    @Test(
        "a page without one of its tables is an error",
        arguments: [("#### Table 1", 1), ("#### Table 2", 2), ("#### Table 3", 3)]
    )
    func missingTable(heading: String, number: Int) throws {
        // Without its heading the rows of a table are stray; without its rows the table is missing.
        #expect(throws: SensitivityError.missingTable(file: "p.md", number: number)) {
            try page(heading, heading + "\n\nNothing here.\n\n#### Other")
        }
        let error = #expect(throws: SensitivityError.self) { try page(heading, "#### Other") }
        guard case .badTable(_, _, .strayRow) = error else {
            Issue.record("the rows are not stray but \(String(describing: error))")
            return
        }
        #expect(throws: SensitivityError.missingTable(file: "p.md", number: 1)) {
            try SensitivityAnalysisPage(markdown: "", name: "p.md")
        }
    }

    @Test("a table that stands twice is an error")
    func tableTwice() throws {
        #expect(throws: bad(20, .tableTwice(number: 2))) { try page("Table 3", "Table 2") }
    }

    @Test("a row below a gap in its table is an error")
    func strayRow() throws {
        #expect(throws: bad(26, .strayRow("|layer00.txt|inf||"))) {
            try page("|layer00.txt", "\n|layer00.txt")
        }
    }

    @Test("headers other than the page's are errors")
    func headers() throws {
        #expect(
            throws: bad(
                7,
                .unexpectedHeader("states perturbed,txt,img,x", expected: "states perturbed|img|txt|x")
            )
        ) { try page("|states perturbed|img|txt|x|", "|states perturbed|txt|img|x|") }
        #expect(
            throws: bad(
                14,
                .unexpectedHeader("layer,RMS(img),MS(txt),MS(x)", expected: "layer|MS(img)|MS(txt)|MS(x)")
            )
        ) { try page("MS(img)", "RMS(img)") }
        #expect(throws: bad(22, .unknownHeader("block,Q4_1,torch.float8_e4m3fn"))) {
            try page("|layer|Q4_1", "|block|Q4_1")
        }
        let error = #expect(throws: SensitivityError.self) { try page("MSE loss at the end", "loss") }
        guard case .badTable("p.md", 5, .unexpectedHeader) = error else {
            Issue.record("the first header was taken: \(String(describing: error))")
            return
        }
    }

    @Test(
        "cells that are no numbers are errors with their line",
        arguments: [
            ("4.0 +/-", "4.0 +-", 8, TableProblem.unreadableNumber("4.0 +-   0.5")),
            ("4.0 +/-   0.5", "4.0", 8, .unreadableNumber("4.0")),
            ("4.0 +/-   0.5", "+/-", 8, .unreadableNumber("")),
            ("4.0 +/-   0.5", "4.0 +/", 8, .unreadableNumber("4.0 +/")),
            ("4.0 +/-   0.5", "/", 8, .unreadableNumber("/")),
            ("4.0 +/-   0.5", "nan +/- 1", 8, .notANumber("nan")),
            ("4.0 +/-   0.5", "4.0 +/- -1", 8, .negative("-1")),
            ("|0|4.0", "|0|four", 16, .unreadableNumber("four")),
            ("|0|4.0", "|0|-4.0", 16, .negative("-4.0")),
            ("|0|4.0", "|0|0.0", 16, .notPositive("0.0")),
            ("|0|4.0", "|0|inf", 16, .unreadableNumber("inf")),
            ("|0|4.0", "|0|1e999", 16, .outOfRange("1e999")),
            ("|0.5|0.25|", "|0.5|NaN|", 24, .notANumber("NaN")),
            ("|0.5|0.25|", "|0.5|-0.25|", 24, .negative("-0.25")),
            ("|0.5|0.25|", "|0.5|0,25|", 24, .decimalComma("0,25")),
            ("|inf||", "|infinite||", 25, .unreadableCell("infinite")),
        ]
    )
    func badCells(text: String, replacement: String, line: Int, problem: TableProblem) throws {
        #expect(throws: bad(line, problem)) { try page(text, replacement) }
    }

    @Test(
        "rows that do not fit their table are errors with their line",
        arguments: [
            ("0.25||\n", "0.25|\n", 8, TableProblem.cellCount(found: 3, expected: 4)),
            ("|2|||36.0|", "|2|||36.0||", 18, .cellCount(found: 5, expected: 4)),
            ("|0.5|0.25|", "|0.5|", 24, .cellCount(found: 2, expected: 3)),
            ("|0.5|0.25|", "|0.5|0.25|1|", 24, .cellCount(found: 4, expected: 3)),
            ("|0.5|0.25|", "|0.5|0.25", 24, .missingPipe("|layer00.img|0.5|0.25")),
            ("|1|16.0", "|0|16.0", 17, .layerTwice("0", firstLine: 16)),
            ("|1|16.0", "|2|16.0", 17, .layerOutOfOrder("2", expected: 1)),
            ("|1|16.0", "|one|16.0", 17, .layerOutOfOrder("one", expected: 1)),
            ("|1|16.0", "|-1|16.0", 17, .layerOutOfOrder("-1", expected: 1)),
            ("|1|16.0", "||16.0", 17, .namelessLayer),
            ("|16.0|25.0||", "|16.0|||", 17, .mixedStreams(layer: 1)),
            ("|16.0|25.0||", "|16.0|25.0|1|", 17, .mixedStreams(layer: 1)),
            ("|4.0|9.0||", "|||9.0|", 17, .mixedStreams(layer: 1)),
            ("|2|||36.0|", "|2|36.0|36.0||", 14, .layersDiffer),
            ("|2|||36.0|\n", "", 14, .layersDiffer),
            ("|2|||36.0|", "|2|||36.0|\n||", 19, .namelessLayer),
            ("layer00.txt", "layer00.img", 25, .layerTwice("layer00.img", firstLine: 24)),
            ("layer00.txt", "", 25, .namelessLayer),
            ("|layer00.img|0.5|0.25|\n", "||\n", 24, .cellCount(found: 1, expected: 3)),
            ("|torch.float8_e4m3fn|", "|q4_1|", 22, .formatTwice("q4_1", earlier: "Q4_1")),
        ]
    )
    func badRows(text: String, replacement: String, line: Int, problem: TableProblem) throws {
        #expect(throws: bad(line, problem)) { try page(text, replacement) }
    }

    @Test("the empty last row of Table 3 is passed over and kept as a finding")
    func emptyLastRow() throws {
        let findings = try ImpactTable.fluxDevTable3.readingFindings
        #expect(findings == [ImpactFinding(layer: nil, formats: [], kind: .emptyRow(line: 247))])
    }
}
