import Sensitivity
import Testing

@Suite("reading results of GGUF-Tool-Suite")
struct ToolSuiteResultsTests {
    private func read(_ text: String) throws(SensitivityError) -> ImpactTable {
        let reading = try ImpactTableReader.read(text: text, name: "t")
        #expect(reading.shape == .ggufToolSuite)
        return reading.table
    }

    @Test("rows are formats and columns are layers, and what was not measured is missing")
    func sample() throws {
        let table = try read(
            """
            QTYPE,blk.0.attn_k.weight,blk.0.ffn_down.weight,output.weight
            bf16,0,0,0
            iq1_m_r4,0.0054,404,0.144
            q4_K,0.0011,,-0.000002

            """
        )
        #expect(table.layers == ["blk.0.attn_k.weight", "blk.0.ffn_down.weight", "output.weight"])
        #expect(table.formats == ["BF16", "iq1_m_r4", "Q4_K"])
        #expect(
            table.cells == [
                [.impact(0), .impact(0.0054), .impact(0.0011)],
                [.impact(0), .forbidden(.blank), .forbidden(.blank)],
                [.impact(0), .impact(0.144), .impact(0)],
            ]
        )
        #expect(
            table.lint { _ in nil } == [
                ImpactFinding(layer: "blk.0.ffn_down.weight", formats: ["iq1_m_r4"], kind: .missing),
                ImpactFinding(layer: "blk.0.ffn_down.weight", formats: ["Q4_K"], kind: .missing),
                ImpactFinding(
                    layer: "output.weight",
                    formats: ["Q4_K"],
                    kind: .belowZero(written: "-0.000002")
                ),
            ]
        )
    }

    @Test("percents are hundredths, and 404% is no measurement")
    func percents() throws {
        let table = try read("QTYPE,a,b,c,d\nq8_0,+12.50%,404%,-0.01%,0%\n\n")
        #expect(table.cells == [[.impact(0.125)], [.forbidden(.blank)], [.impact(0)], [.impact(0)]])
        #expect(
            table.lint { _ in nil }.map(\.kind) == [
                .missing, .belowZero(written: "-0.01%"), .emptyRow(line: 3),
            ]
        )
    }

    @Test(
        "cells so far below zero that chance does not explain it are refused, and small ones are not",
        arguments: [
            ("q2_K,-22,-37.75\nq8_0,-70,-78\n", (4, 4, "-78")),
            ("q2_K,0.3,0.2\nq8_0,-0.4,0.1\n", (1, 4, "-0.4")),
            ("q2_K,+30%,+2%\nq8_0,-6%,-7%\nq6_K,-1%,0%\n", nil),
            ("q2_K,+0.02%,-0.01%\nq8_0,-0.04%,-0.03%\n", nil),
            ("q8_0,-0.0004,-0.0001\n", nil),
        ] as [(String, (count: Int, all: Int, lowest: String)?)]
    )
    func otherQuantities(rows: String, refused: (count: Int, all: Int, lowest: String)?) {
        let text = "QTYPE,a,b\n" + rows
        guard let refused else {
            #expect(throws: Never.self) { try ImpactTableReader.read(text: text, name: "t") }
            return
        }
        let problem = TableProblem.belowZero(count: refused.count, of: refused.all, lowest: refused.lowest)
        #expect(throws: SensitivityError.badTable(file: "t", line: 1, problem: problem)) {
            try ImpactTableReader.read(text: text, name: "t")
        }
    }

    @Test(
        "what is wrong is an error with its line",
        arguments: [
            ("QTYPE,a\n", 1, TableProblem.noFormats), ("QTYPE\nq8_0\n", 1, .noLayers),
            ("QTYPE,a,a\nq8_0,1,1\n", 1, .layerTwice("a", firstLine: 1)),
            ("QTYPE,a,\nq8_0,1,1\n", 1, .namelessLayer),
            ("QTYPE,a\nq8_0,1\nq8_0,1\n", 3, .formatTwice("q8_0", earlier: "q8_0")),
            ("QTYPE,a\nq4_K,1\nq4_K_S,1\n", 3, .formatTwice("q4_K_S", earlier: "q4_K")),
            ("QTYPE,a\n,1\n", 2, .namelessFormat), ("QTYPE,a\nq8_0\n", 2, .cellCount(found: 1, expected: 2)),
            ("QTYPE,a\nq8_0,low\n", 2, .unreadableNumber("low")),
            ("QTYPE,a\nq8_0,%\n", 2, .unreadableNumber("")),
            ("QTYPE,a\nq8_0,--1\n", 2, .unreadableNumber("--1")),
            ("QTYPE,a\nq8_0,nan\n", 2, .notANumber("nan")),
            ("QTYPE,a\nq8_0,-nan\n", 2, .notANumber("-nan")),
            ("QTYPE,a\nq8_0,inf\n", 2, .unreadableNumber("inf")),
            ("QTYPE,a\nq8_0,-1e999\n", 2, .outOfRange("-1e999")),
        ]
    )
    func mistakes(text: String, line: Int, problem: TableProblem) {
        #expect(throws: SensitivityError.badTable(file: "t", line: line, problem: problem)) { try read(text) }
    }
}
