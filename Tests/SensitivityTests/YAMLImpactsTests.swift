import Text
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Sensitivity

@Suite("reading impact tables in YAML")
struct YAMLImpactsTests {
    /// A few numbers of our own in the shape of a published table: each layer has `Q4_1` twice.
    static let sample = """
        0:
          Q2_K: 6.5
          Q4_1: 1.25
          Q4_1: 1.5
          Q4_K_S: 1
        1:
          Q2_K: 3
          Q4_1: 0.75
          Q4_1: 0.5
          Q4_K_S: .inf

        """

    private func read(_ text: String) throws(SensitivityError) -> ImpactTable {
        let reading = try ImpactTableReader.read(text: text, name: "t")
        #expect(reading.shape == .yaml)
        return reading.table
    }

    private func bad(_ line: Int, _ problem: TableProblem) -> SensitivityError {
        .badTable(file: "t", line: line, problem: problem)
    }

    @Test("a table with repeated keys and file types is read, and the lint says what was done")
    func sample() throws {
        let table = try read(Self.sample)
        #expect(table.layers == ["0", "1"])
        #expect(table.formats == ["Q2_K", "Q4_1", "Q4_K"])
        #expect(
            table.cells == [
                [.impact(6.5), .impact(1.5), .impact(1)], [.impact(3), .impact(0.5), .forbidden(.infinite)],
            ]
        )
        #expect(
            table.lint { _ in nil } == [
                ImpactFinding(layer: "1", formats: ["Q4_K"], kind: .infinite),
                ImpactFinding(
                    layer: "0",
                    formats: ["Q4_1"],
                    kind: .repeated(earlier: .impact(1.25), line: 3, later: .impact(1.5), laterLine: 4)
                ),
                ImpactFinding(
                    layer: "1",
                    formats: ["Q4_1"],
                    kind: .repeated(earlier: .impact(0.75), line: 8, later: .impact(0.5), laterLine: 9)
                ),
                ImpactFinding(layer: nil, formats: ["Q4_K"], kind: .fileType(written: "Q4_K_S")),
            ]
        )
    }

    @Test(
        "YAML's ways of writing the same are the same",
        arguments: [
            "a:\n  Q4_1: 0.5\n  Q8_0: ~\n", "# costs\n---\n'a': {Q4_1: 0.5, Q8_0: null}\n...\n",
            "\"a\":\r\n  Q4_1: .5 # half\r\n  Q8_0:\r\n",
            "%YAML 1.1\n---\na: {\n  Q4_1: 5e-1,\n  Q8_0: NULL }\n",
            "a:\n    \"Q4_1\": \"0.5\"\n    q8_0: ''\n", "a:\n  ? Q4_1\n  : !!float 0.5\n  Q8_0: ~\n",
            "\u{FEFF}a: {Q4_1: 0.5, Q8_0: }",
        ]
    )
    func ways(text: String) throws {
        let table = try read(text)
        #expect(table.layers == ["a"])
        #expect(table.formats == ["Q4_1", "Q8_0"])
        #expect(table.cells == [[.impact(0.5), .forbidden(.blank)]])
    }

    @Test(
        "infinity is written in YAML's ways and in ours",
        arguments: [".inf", ".Inf", "+.INF", "inf", "Infinity"]
    )
    func infinite(text: String) throws {
        #expect(try read("a: {Q4_1: \(text)}").cells == [[.forbidden(.infinite)]])
    }

    @Test(
        "what is wrong is an error with its line",
        arguments: [
            (
                "a: 1\n", 1,
                TableProblem.unexpectedValue("layer \"a\" is no mapping", expected: "a key per format")
            ),
            (
                "a:\n  - Q4_1: 1\n", 1,
                .unexpectedValue("layer \"a\" is no mapping", expected: "a key per format")
            ),
            ("a:\n", 1, .unexpectedValue("layer \"a\" is no mapping", expected: "a key per format")),
            (
                "a:\n  Q4_1: [1]\n", 2,
                .unexpectedValue(
                    "\"Q4_1\" of layer \"a\" is no single value",
                    expected: "a number, ~ or .inf"
                )
            ),
            (
                "a:\n  ? [b]\n  : 1\n", 2,
                .unexpectedValue("a key is no single value", expected: "the name of a layer or format")
            ),
            (
                "- a: 1\n- b: 2\n", 1,
                .unexpectedValue("the top level is no mapping", expected: "a key per layer")
            ),
            ("a: {}\n", 1, .noFormats),
            ("a:\n  Q4_1: low\n", 2, .unreadableCell("low")),
            ("a:\n  Q4_1: 0x1F\n", 2, .unreadableCell("0x1F")),
            ("a:\n  Q4_1: -1\n", 2, .negative("-1")), ("a:\n  Q4_1: -.inf\n", 2, .negative("-.inf")),
            ("a:\n  Q4_1: .nan\n", 2, .notANumber(".nan")),
            ("a:\n  Q4_1: '.nan'\n", 2, .unreadableCell(".nan")),
            ("a:\n  Q4_1: 1\n  Q8_0: 2\na:\n  Q4_1: 1\n", 4, .layerTwice("a", firstLine: 1)),
            ("a: {Q4_1: 1,\n  Q8_0: 1, Q8_0: 2, Q8_0: 3}\n", 2, .keyTwice("Q8_0")),
            ("a:\n  Q4_K: 1\n  Q4_K_S: 2\n", 3, .formatTwice("Q4_K_S", earlier: "Q4_K")),
            ("a:\n  Q4_1: 1\nb:\n  q4_1: 2\n", 4, .formatTwice("q4_1", earlier: "Q4_1")),
            ("a:\n  '': 1\n", 2, .namelessFormat), ("'': {Q4_1: 1}\n", 1, .namelessLayer),
            ("a: &x {Q4_1: 1}\nb: *x\n", 1, .anchor), ("a:\n  Q4_1: 1\nb:\n  <<: &x {}\n", 4, .anchor),
            ("a: {Q4_1: *x}\n", 1, .notYAML("found undefined alias")),
            ("a: {Q4_1: 1\n", 2, .notYAML("did not find expected ',' or '}'")),
            ("a: {Q4_1: 1}\n---\nb: {Q4_1: 1}\n", 2, .notYAML("but found another document")),
            ("a:\n\tQ4_1: 1\n", 2, .notYAML("found character that cannot start any token")),
            ("a: {Q4_1: \"\u{0}\"}\n", 1, .notYAML("control characters are not allowed")),
        ]
    )
    func mistakes(text: String, line: Int, problem: TableProblem) {
        #expect(throws: bad(line, problem)) { try read(text) }
    }

    @Test(
        "deep nesting is an error and no crash",
        // What opens a list or a key does not do so behind a key.
        arguments: [
            ("[", nil), ("{a: ", nil), ("- ", "block sequence entries are not allowed in this context"),
            ("? ", "mapping keys are not allowed in this context"),
        ]
    )
    func deep(opening: String, misplaced: String?) {
        let tooDeep = "it is nested deeper than any table"
        for (beginning, count, line, problem) in [
            ("a: ", 100_000, 1, misplaced ?? tooDeep), ("a:\n ", 100_000, 2, tooDeep),
            ("a: ", 900, misplaced == nil ? 2 : 1, misplaced ?? "did not find expected node content"),
        ] {
            #expect(throws: bad(line, .notYAML(problem)), "\(beginning) \(count)") {
                try read(beginning + String(repeating: opening, count: count))
            }
        }
    }

    @Test("a text that is too large is an error")
    func tooLarge() {
        let text = "a: {Q4_1: 1}\n" + String(repeating: "#", count: YAMLImpacts.byteLimit)
        #expect(throws: SensitivityError.file(FileError(path: "t", .tooLarge(limit: YAMLImpacts.byteLimit))))
        {
            try read(text)
        }
    }

    @Test("no text brings the reader down", arguments: 0..<60)
    func mutilated(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let text = Self.sample.mutilated(
            with: ":-?{}[],&*!|>'\"%@` #~\n\r\t\u{0}\u{feff}\u{85}é",
            using: &random
        )
        // Either answer is right.
        if let table = try? ImpactTableReader.read(text: text, name: "t").table {
            #expect((try? ImpactTableReader.read(text: table.csv(), name: "t").table.digest) == table.digest)
        }
    }

    /// A measured table that is not part of the project, and lies beside it only where it is developed.
    static let measured = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("shared/data/impacts/flux1-dev-casting-cost.yaml")
        .path

    @Test(
        "a measured table of FLUX.1-dev has a layer per block, and Q4_1 twice in each",
        .enabled(if: FileManager.default.fileExists(atPath: measured))
    )
    func measuredTable() throws {
        let table = try ImpactTableReader.read(path: Self.measured).table
        #expect(table.layers == (0..<57).map { "\($0)" })
        #expect(table.formats.count { QuantizationFormat(named: $0) != nil } == 9)
        #expect(
            table.lint(modelLayers: table.layers) { QuantizationFormat(named: $0) != nil }.flatMap(\.formats)
                == ["bnb8", "bnbFP4", "bnbNF4"]
        )
        let findings = table.lint { QuantizationFormat(named: $0)?.bitsPerWeight }
        let repeated = findings.filter {
            if case .repeated = $0.kind { true } else { false }
        }
        #expect(repeated.map(\.layer) == table.layers)
        #expect(
            findings.filter { if case .fileType = $0.kind { true } else { false } }.flatMap(\.formats)
                == ["Q3_K", "Q4_K", "Q5_K"]
        )
        // Three formats were measured in two layers only.
        #expect(findings.count { $0.kind == .missing } == 55 * 3)
    }
}
