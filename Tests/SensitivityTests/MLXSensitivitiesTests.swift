import Checkpoints
import Foundation
import Sensitivity
import Tensors
import TestSupport
import Testing

@Suite("reading sensitivities of mlx_lm")
struct MLXSensitivitiesTests {
    static let sample = #"[["model.layers.0.q_proj", 0.5], ["model.layers.0.mlp.down_proj", -0.25]]"#
    static let formats = ImpactImportOptions(lowFormat: "mlx4", highFormat: "mlx5")

    private func read(
        _ text: String,
        _ options: ImpactImportOptions = formats
    ) throws(SensitivityError) -> ImpactTable {
        let reading = try ImpactTableReader.read(text: text, name: "t", options: options)
        #expect(reading.shape == .mlxSensitivities)
        return reading.table
    }

    @Test("the gain is the impact of the low format, and the high one costs nothing")
    func sample() throws {
        let table = try read(Self.sample)
        #expect(table.layers == ["model.layers.0.q_proj", "model.layers.0.mlp.down_proj"])
        #expect(table.formats == ["mlx4", "mlx5"])
        #expect(table.cells == [[.impact(0.5), .impact(0)], [.impact(0), .impact(0)]])
        #expect(
            table.lint { _ in nil } == [
                ImpactFinding(layer: nil, formats: ["mlx5"], kind: .reference(gainOver: "mlx4")),
                ImpactFinding(layer: nil, formats: [], kind: .perMillionWeights),
                ImpactFinding(
                    layer: "model.layers.0.mlp.down_proj",
                    formats: ["mlx4"],
                    kind: .belowZero(written: "-0.25")
                ),
            ]
        )
    }

    @Test("that the high format costs nothing is no oddity")
    func reference() throws {
        let table = try read(#"[["a", 0.5], ["b", 0.25], ["c", 0.125]]"#)
        #expect(table.oddities { $0 == "mlx4" ? 4.5 : 5.5 }.isEmpty)
    }

    @Test("for a model a file has the gain of whole modules, by the model's own numbers of weights")
    func model() throws {
        let folder = try ScratchFolder()
        let path = folder.path("s.json")
        try #"[["a", 0.5], ["b", 0.5]]"#.write(toFile: path, atomically: true, encoding: .utf8)
        let model = try Model(
            name: "m",
            tensors: [
                TensorInfo(name: "a.weight", shape: [2000, 1000]),
                TensorInfo(name: "b.weight", shape: [4000, 1000]),
            ]
        )
        let reading = try ImpactTableReader.read(path: path, for: model, options: Self.formats)
        #expect(reading.shape.needsModel)
        #expect(reading.table.cells == [[.impact(1), .impact(0)], [.impact(2), .impact(0)]])
        // Without it they are per million weights.
        let bare = try ImpactTableReader.read(path: path, for: nil, options: Self.formats)
        #expect(bare.table.cells == [[.impact(0.5), .impact(0)], [.impact(0.5), .impact(0)]])
    }

    @Test("with numbers of weights the gain is that of the whole layer")
    func counts() throws {
        var options = Self.formats
        options.parameterCounts = ["a": 4_000_000]
        let table = try read(#"[["a", 0.5]]"#, options)
        #expect(table.cells == [[.impact(2), .impact(0)]])
        #expect(table.lint { _ in nil }.map(\.kind) == [.reference(gainOver: "mlx4")])
        #expect(throws: SensitivityError.badTable(file: "t", line: 1, problem: .noParameterCount(layer: "b")))
        {
            try read(#"[["b", 0.5]]"#, options)
        }
        #expect(throws: SensitivityError.badTable(file: "t", line: 1, problem: .outOfRange("1e308"))) {
            try read(
                #"[["a", 1e308]]"#,
                ImpactImportOptions(lowFormat: "l", highFormat: "h", parameterCounts: ["a": .max])
            )
        }
    }

    @Test("without the names of both formats there is no table")
    func unnamed() {
        for options in [
            ImpactImportOptions(), ImpactImportOptions(lowFormat: "l"), ImpactImportOptions(highFormat: "h"),
        ] {
            #expect(throws: SensitivityError.formatsNotNamed(file: "t")) { try read(Self.sample, options) }
        }
        #expect(
            throws: SensitivityError.unusableTable(name: "t", problem: .formatTwice("l", earlier: "l"))
        ) { try read(Self.sample, ImpactImportOptions(lowFormat: "l", highFormat: "l")) }
    }

    @Test(
        "what is wrong is an error with its line",
        arguments: [
            ("[[\"a\", 1],\n[\"a\", 2]]", 2, TableProblem.layerTwice("a", firstLine: 1)),
            (
                "[[\"a\", 1], [\"b\"]]", 1,
                .unexpectedValue("entry 2 is no pair", expected: "a path and a number")
            ),
            ("[[1, 1]]", 1, .unexpectedValue("entry 1 is no pair", expected: "a path and a number")),
            ("[[\"a\", 1],\n{}]", 2, .unexpectedValue("entry 2 is no pair", expected: "a path and a number")),
            ("[[\"\", 1]]", 1, .namelessLayer), ("[[\"a\", NaN]]", 1, .notANumber("NaN")),
            ("[[\"a\",\n-Infinity]]", 2, .unreadableNumber("-Infinity")),
        ]
    )
    func mistakes(text: String, line: Int, problem: TableProblem) {
        #expect(throws: SensitivityError.badTable(file: "t", line: line, problem: problem)) { try read(text) }
    }
}
