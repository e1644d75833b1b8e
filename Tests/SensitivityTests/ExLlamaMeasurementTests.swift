import Sensitivity
import Testing

@Suite("reading measurements of exllamav2")
struct ExLlamaMeasurementTests {
    static let sample = """
        {
            "measurement": {
                "model.layers.0.self_attn": [
                    {"accuracy": 0.75, "total_bits": 4000, "q_proj": {"bits": [4, 3], "bits_prop": [0.1, 0.9]}},
                    {"accuracy": 1.0, "total_bits": 8001}
                ],
                "model.layers.0.mlp": [{"accuracy": 0.5, "total_bits": 3000.5}],
                "model.layers.1.parallel_decoder": {
                    "attn": [{"accuracy": 0.25, "total_bits": 8}], "mlp": [{"accuracy": 0, "total_bits": 16}]
                },
                "model.norm.norm": null
            },
            "last_module_idx": 5
        }
        """
    static let layers = [
        "model.layers.0.self_attn", "model.layers.0.mlp", "model.layers.1.parallel_decoder.attn",
        "model.layers.1.parallel_decoder.mlp",
    ]

    private func read(
        _ text: String,
        _ parameterCounts: [String: Int] = [:]
    ) throws(SensitivityError) -> ImpactTable {
        let options = ImpactImportOptions(parameterCounts: parameterCounts)
        let reading = try ImpactTableReader.read(text: text, name: "t", options: options)
        #expect(reading.shape == .exllamaMeasurement)
        return reading.table
    }

    private func measurement(_ member: String) -> String {
        "{\"measurement\": {\n\(member)}}"
    }

    @Test("options become formats with sizes of their own, which only their layers have")
    func sample() throws {
        let table = try read(Self.sample)
        #expect(table.layers == Self.layers)
        #expect(table.formats == ["exl2-01", "exl2-02"])
        #expect(table.cells.map { $0[0].impact } == [0.25, 0.5, 0.75, 1])
        #expect(table.cells.map(\.[1].impact) == [0, nil, nil, nil])
        #expect(table.byteCounts == [[500, 1001], [376, nil], [1, nil], [2, nil]])
        #expect(table.byteCount(layer: Self.layers[0], format: "exl2-02") == 1001)
        #expect(table.byteCount(layer: Self.layers[1], format: "exl2-02") == nil)
        #expect(table.byteCount(layer: "none", format: "exl2-02") == nil)
        #expect(table.lint { _ in nil }.isEmpty)
        #expect(table.lint(modelLayers: Self.layers) { _ in false }.isEmpty)
    }

    @Test("sizes are part of the digest")
    func digest() throws {
        let text = measurement("\"a\": [{\"accuracy\": 1, \"total_bits\": 8}]")
        let other = measurement("\"a\": [{\"accuracy\": 1, \"total_bits\": 16}]")
        #expect(try read(text).digest != read(other).digest)
        let sizeless = try ImpactTable(name: "t", formats: ["exl2-01"], layers: ["a"], cells: [[.impact(0)]])
        #expect(try read(text).digest != sizeless.digest)
        #expect(sizeless.byteCount(layer: "a", format: "exl2-01") == nil)
    }

    @Test("with numbers of weights the formats are named by their bits, and the better of two alike counts")
    func bits() throws {
        let text = measurement(
            """
            "a": [{"accuracy": 0.5, "total_bits": 4131}, {"accuracy": 0.75, "total_bits": 4131},
                  {"accuracy": 0.25, "total_bits": 4131}, {"accuracy": 1, "total_bits": 8000}],
            "b": [{"accuracy": 1, "total_bits": 16000}]
            """
        )
        let table = try read(text, ["a": 1000, "b": 2000])
        #expect(table.formats == ["exl2-4.1310bpw", "exl2-8.0000bpw"])
        #expect(table.cells == [[.impact(0.25), .impact(0)], [.forbidden(.blank), .impact(0)]])
        #expect(
            table.lint { _ in nil } == [
                ImpactFinding(layer: "a", formats: ["exl2-4.1310bpw"], kind: .sameBits(option: 1, as: 2)),
                ImpactFinding(layer: "a", formats: ["exl2-4.1310bpw"], kind: .sameBits(option: 3, as: 2)),
            ]
        )
        #expect(throws: SensitivityError.badTable(file: "t", line: 4, problem: .noParameterCount(layer: "b")))
        {
            try read(text, ["a": 1000])
        }
    }

    @Test(
        "what is wrong is an error with its line",
        arguments: [
            ("", 1, TableProblem.noLayers), ("\"norm\": null", 1, .noLayers),
            ("\"a\": []", 2, .json("measurement.a has no options; give an object for each")),
            (
                "\"a\": {\"mlp\":\n7}", 3,
                .json("measurement.a.mlp is 7; give an array")
            ),
            ("\"a\": [7]", 2, .json("measurement.a[0] is 7; give an object")),
            ("\"a\": [{\"total_bits\": 8}]", 2, .json("measurement.a[0] has no \"accuracy\"; add it")),
            ("\"a\": [{\"accuracy\": 1}]", 2, .json("measurement.a[0] has no \"total_bits\"; add it")),
            (
                "\"a\": [{\"accuracy\": 1.5, \"total_bits\": 8}]", 2,
                .json("measurement.a[0].accuracy is 1.5; give a number from 0 to 1")
            ),
            (
                "\"a\": [{\"accuracy\": \"1\", \"total_bits\": 8}]", 2,
                .json(#"measurement.a[0].accuracy is "1"; give a number from 0 to 1"#)
            ),
            ("\"a\": [{\"accuracy\": NaN, \"total_bits\": 8}]", 2, .notANumber("NaN")),
            (
                "\"a\": [{\"accuracy\": 1, \"total_bits\": 0}]", 2,
                .json("measurement.a[0].total_bits is 0; give a number of bits above 0")
            ),
            (
                "\"a\": [{\"accuracy\": 1, \"total_bits\": 1e30}]", 2,
                .json("measurement.a[0].total_bits is 1e30; give a number of bits above 0")
            ),
            (
                "\"a\": [{\"accuracy\": 1, \"total_bits\": 8}],\n\"a\": [{\"accuracy\": 1, \"total_bits\": 8}]",
                3,
                .layerTwice("a", firstLine: 2)
            ),
        ]
    )
    func mistakes(member: String, line: Int, problem: TableProblem) {
        #expect(throws: SensitivityError.badTable(file: "t", line: line, problem: problem)) {
            try read(measurement(member))
        }
    }

    @Test("a measurement that is no object is an error")
    func noObject() {
        let problem = TableProblem.json("measurement is an array; give an object with a member per module")
        #expect(throws: SensitivityError.badTable(file: "t", line: 1, problem: problem)) {
            try read("{\"measurement\": []}")
        }
    }
}
