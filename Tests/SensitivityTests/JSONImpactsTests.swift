import Sensitivity
import Testing

@Suite("reading the project's own JSON")
struct JSONImpactsTests {
    private func read(_ text: String) throws(SensitivityError) -> ImpactTableReading {
        try ImpactTableReader.read(text: text, name: "t")
    }

    private func bad(_ line: Int, _ problem: TableProblem) -> SensitivityError {
        .badTable(file: "t", line: line, problem: problem)
    }

    @Test(
        "every shape of the same table is recognised and gives the same table",
        arguments: [
            (
                """
                [{"layer": "a", "format": "Q4_1", "impact": 0.5},
                 {"layer": "a", "format": "torch.float8_e4m3fn", "impact": 25e-2, "note": [1]},
                 {"layer": "b", "format": "Q4_1", "impact": "inf"},
                 {"layer": "b", "format": "float8_e4m3fn", "impact": null}]
                """, ImpactTableShape.jsonLong
            ),
            (
                """
                \u{FEFF}
                {"version": 1, "impacts": [
                 {"layer": "a", "format": "Q4_1", "impact": 0.5},
                 {"layer": "a", "format": "float8_e4m3fn", "impact": 0.25},
                 {"layer": "b", "format": "Q4_1", "impact": Infinity}]}
                """, .jsonLong
            ),
            (
                """
                {"layers": {
                  "a": {"Q4_1": 0.5, "float8_e4m3fn": 0.25},
                  "b": {"Q4_1": "inf", "torch.float8_e4m3fn": null}}}
                """, .jsonWide
            ),
        ]
    )
    func shapes(text: String, shape: ImpactTableShape) throws {
        let reading = try read(text)
        #expect(reading.shape == shape)
        #expect(reading.table.layers == ["a", "b"])
        #expect(reading.table.formats == ["Q4_1", "float8_e4m3fn"])
        #expect(reading.table.cells == ImpactTableReaderTests.cells)
    }

    @Test("layers of the wide form stay in their order, and a missing cell is found")
    func order() throws {
        let table = try read(#"{"layers": {"z": {"Q8_0": 1}, "a": {"Q4_1": 2, "Q8_0": 3}}}"#).table
        #expect(table.layers == ["z", "a"])
        #expect(table.formats == ["Q8_0", "Q4_1"])
        #expect(
            table.lint { _ in nil } == [ImpactFinding(layer: "z", formats: ["Q4_1"], kind: .missing)]
        )
    }

    @Test("of a repeated format the last value counts, and the lint has both")
    func repeated() throws {
        let table = try read("{\"layers\": {\"a\": {\"Q4_1\": 1,\n\"Q4_1\": null,\n\"Q4_1\": 3}}}").table
        #expect(table.cells == [[.impact(3)]])
        #expect(
            table.lint { _ in nil }.map(\.kind) == [
                .repeated(earlier: .impact(1), line: 1, later: .forbidden(.blank), laterLine: 2),
                .repeated(earlier: .forbidden(.blank), line: 2, later: .impact(3), laterLine: 3),
            ]
        )
    }

    @Test("a numbered layer is named by its number")
    func numbers() throws {
        #expect(try read(#"[{"layer": 7, "format": "Q4_1", "impact": 1}]"#).table.layers == ["7"])
    }

    @Test(
        "what is wrong is an error with its line",
        arguments: [
            ("[]", 1, TableProblem.noLayers), ("{\"layers\": {}}", 1, .noLayers),
            ("{\"impacts\": []}", 1, .noLayers),
            ("{\"layers\": {\"a\": {}}}", 1, .noFormats),
            ("{", 1, .notJSON("unexpected end at column 2")), ("[1]", 1, .unknownJSON),
            ("{}", 1, .unknownJSON),
            ("{\"layers\": {}, \"impacts\": []}", 1, .unknownJSON),
            (
                "{\"layers\": {},\n\"layers\": {}}", 2,
                .json(#"the top level has "layers" twice, first on line 1; delete one of the two"#)
            ),
            (
                "{\"impacts\":\n7}", 2,
                .json("impacts is 7; give an array of objects")
            ),
            (
                "{\"layers\":\n[]}", 2,
                .json("layers is an array; give an object with a member per layer")
            ),
            (
                "{\"layers\": {\n\"a\": 1}}", 2,
                .json("layers.a is 1; give an object with a member per format")
            ),
            (
                "{\"layers\": {\n\"a\": {\"Q4_1\": true}}}", 2,
                .json(#"layers.a.Q4_1 is true or false; give a number, null or "inf""#)
            ),
            ("{\"layers\": {\"a\": {\"Q4_1\": -1}}}", 1, .negative("-1")),
            ("{\"layers\": {\"a\": {\"Q4_1\": NaN}}}", 1, .notANumber("NaN")),
            ("{\"layers\": {\"a\": {\"Q4_1\": 1e999}}}", 1, .outOfRange("1e999")),
            ("{\"layers\": {\"a\": {\"Q4_1\": \"low\"}}}", 1, .unreadableCell("low")),
            (
                "{\"layers\": {\"a\": {\"Q4_1\": 1},\n\"a\": {\"Q4_1\": 1}}}", 2,
                .layerTwice("a", firstLine: 1)
            ),
            ("{\"layers\": {\"\": {\"Q4_1\": 1}}}", 1, .namelessLayer),
            ("{\"layers\": {\"a\": {\"\": 1}}}", 1, .namelessFormat),
            ("{\"layers\": {\"a\": {\"Q4_1\": 1, \"q4_1\": 1}}}", 1, .formatTwice("q4_1", earlier: "Q4_1")),
            ("{\"layers\": {\"a\\n\": {\"Q4_1\": 1}}}", 1, .unusableName("a\n")),
            (
                "[{\"layer\": \"a\",\n\"format\": \"Q4_1\"}]", 1,
                .json(#"[0] has no "impact"; add it"#)
            ),
            (
                "[{\"layer\": \"a\",\n\"layer\": \"b\"}]", 2,
                .json(#"[0] has "layer" twice, first on line 1; delete one of the two"#)
            ),
            (
                "[{\"layer\": 1.5, \"format\": \"Q4_1\", \"impact\": 1}]", 1,
                .json("[0].layer is 1.5; give a string")
            ),
            (
                "[{\"layer\": \"a\", \"format\": 4, \"impact\": 1}]", 1,
                .json("[0].format is 4; give a string")
            ),
            (
                "[{\"layer\": \"a\", \"format\": \"Q4_1\", \"impact\": {}}]", 1,
                .json(#"[0].impact is an object; give a number, null or "inf""#)
            ),
            (
                "[{\"layer\": \"a\", \"format\": \"Q4_1\", \"impact\": 1},\n7]", 2,
                .json("[1] is 7; give an object")
            ),
            (
                "[{\"layer\": \"a\", \"format\": \"Q4_1\", \"impact\": 1},\n"
                    + "{\"layer\": \"a\", \"format\": \"Q4_1\", \"impact\": 2}]", 2,
                .cellTwice(layer: "a", format: "Q4_1", firstLine: 1, first: .impact(1), second: .impact(2))
            ),
        ]
    )
    func mistakes(text: String, line: Int, problem: TableProblem) {
        #expect(throws: bad(line, problem)) { try read(text) }
    }
}
