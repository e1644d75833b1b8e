import Sensitivity
import Testing

@Suite("the lint of an impact table")
struct LintTests {
    static let bits = ["Q4_1": 5.0, "Q5_1": 6, "float8_e4m3fn": 8, "Q8_0": 8.5, "F8": 8]

    @Test("the built-in table has 27 inverted pairs, four forbidden cells and an empty row")
    func builtIn() throws {
        let findings = try ImpactTable.fluxDevTable3.lint { Self.bits[$0] }
        let inverted = findings.filter {
            if case .inverted = $0.kind { true } else { false }
        }
        #expect(inverted.count == 27)
        #expect(findings.count == 27 + 4 + 1)
        #expect(
            findings.filter { $0.kind == .infinite } == [
                ImpactFinding(layer: "layer18.img", formats: ["float8_e4m3fn"], kind: .infinite),
                ImpactFinding(layer: "layer18.txt", formats: ["float8_e4m3fn"], kind: .infinite),
                ImpactFinding(layer: "layer18.txt", formats: ["Q8_0"], kind: .infinite),
            ]
        )
        #expect(
            findings.filter { $0.kind == .blank } == [
                ImpactFinding(layer: "layer18.img", formats: ["Q8_0"], kind: .blank)
            ]
        )
        #expect(findings.last?.kind == .emptyRow(line: 247))
        #expect(
            findings.first?.description
                == "layer00.img: float8_e4m3fn (0.28058940247629627) is no better than the smaller"
                + " Q5_1 (0.27421876104168735)"
        )
    }

    @Test("a pair is inverted when the larger format has no less impact, also when it has the same")
    func inverted() throws {
        let table = try ImpactTable(
            name: "t",
            formats: ["Q8_0", "Q4_1", "Q5_1", "Unknown", "float8_e4m3fn", "F8"],
            layers: ["equal", "falling", "forbidden"],
            cells: [
                [.impact(1), .impact(1), .impact(0.5), .impact(9), .impact(0), .impact(0)],
                [.impact(1), .impact(4), .impact(3), .impact(9), .impact(2), .impact(2)],
                [.impact(5), .forbidden(.blank), .forbidden(.infinite), .impact(9), .impact(6), .impact(6)],
            ]
        )
        let pairs = table.lint { Self.bits[$0] }.filter { $0.formats.count == 2 }
        #expect(
            pairs.map(\.formats) == [
                ["Q8_0", "Q4_1"], ["Q8_0", "Q5_1"], ["Q8_0", "float8_e4m3fn"], ["Q8_0", "F8"],
            ]
        )
        #expect(pairs.allSatisfy { $0.layer == "equal" })
        #expect(
            pairs.first?.kind
                == .inverted(larger: "Q8_0", largerImpact: 1, smaller: "Q4_1", smallerImpact: 1)
        )
        #expect(table.lint { _ in nil }.map(\.kind) == [.blank, .infinite])
    }

    @Test("each finding is one plain line")
    func descriptions() {
        #expect(
            ImpactFinding(layer: "a", formats: ["Q8_0"], kind: .infinite).description
                == "a: Q8_0 is inf, so the format is forbidden"
        )
        #expect(
            ImpactFinding(layer: "a", formats: ["Q8_0"], kind: .blank).description
                == "a: Q8_0 is blank, so the format is forbidden"
        )
        #expect(
            ImpactFinding(layer: "a", formats: ["Q8_0"], kind: .missing).description
                == "a: Q8_0 is missing, so the format is forbidden"
        )
        #expect(
            ImpactFinding(layer: nil, formats: [], kind: .emptyRow(line: 7)).description
                == "line 7: the row is empty and was passed over"
        )
    }

    @Test(
        "each finding about another program's table is one plain line",
        arguments: [
            (
                ImpactFinding(
                    layer: "0",
                    formats: ["Q4_1"],
                    kind: .repeated(earlier: .impact(1.5), line: 3, later: .forbidden(.blank), laterLine: 4)
                ), "0: Q4_1 is there twice, 1.5 on line 3 and blank on line 4, of which the last counts"
            ),
            (
                ImpactFinding(layer: nil, formats: ["Q4_K"], kind: .fileType(written: "Q4_K_S")),
                "Q4_K_S is a file type of llama.cpp and was read as Q4_K"
            ),
            (
                ImpactFinding(layer: "a", formats: ["Q8_0"], kind: .belowZero(written: "-0.1%")),
                "a: Q8_0 is -0.1%, which no impact can be, and was read as 0"
            ),
            (
                ImpactFinding(layer: nil, formats: [], kind: .perMillionWeights),
                "the impacts are per million weights, so layers of different sizes cannot be compared"
            ),
            (
                ImpactFinding(layer: nil, formats: ["h"], kind: .reference(gainOver: "l")),
                "h is 0 in every layer, as the source says what it gains over l"
            ),
            (
                ImpactFinding(layer: "a", formats: ["exl2-4.1310bpw"], kind: .sameBits(option: 1, as: 2)),
                "a: option 1 has the bits of option 2 and no less impact, and was left out"
            ),
            (ImpactFinding(layer: "a", formats: [], kind: .unknownLayer), "a: the model has no such layer"),
            (
                ImpactFinding(layer: "a", formats: [], kind: .unmeasuredLayer),
                "a: the table has no such layer"
            ),
            (
                ImpactFinding(layer: nil, formats: ["Q9"], kind: .unknownFormat),
                "nothing is known of the format Q9"
            ),
        ]
    )
    func importDescriptions(finding: ImpactFinding, line: String) {
        #expect(finding.description == line)
    }

    @Test("layers and formats that only the table or only the model has are found")
    func model() throws {
        let table = try ImpactTable(
            name: "t",
            formats: ["Q4_1", "Q9"],
            layers: ["b", "x"],
            cells: [[.impact(1), .impact(1)], [.impact(1), .impact(1)]]
        )
        #expect(
            table.lint(modelLayers: ["c", "b", "a"]) { Self.bits[$0] != nil } == [
                ImpactFinding(layer: "x", formats: [], kind: .unknownLayer),
                ImpactFinding(layer: "c", formats: [], kind: .unmeasuredLayer),
                ImpactFinding(layer: "a", formats: [], kind: .unmeasuredLayer),
                ImpactFinding(layer: nil, formats: ["Q9"], kind: .unknownFormat),
            ]
        )
        #expect(table.lint(modelLayers: ["b", "x"]) { _ in true }.isEmpty)
    }
}
