import Converters
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

@testable import Checkpoints
@testable import Converters

/// Finished files of converters that add tensors beside a weight, held against a recipe.
@Suite struct FinishedWeightTests {
    private typealias Entry = (name: String, type: String, shape: [Int])

    private let source = [
        ("a.weight", [8, 256]), ("b.weight", [8, 256]), ("c.weight", [4, 128]), ("n.weight", [256]),
    ]

    private func recipe(_ converter: String, _ formats: [String: String]) throws -> Recipe {
        let tensors = try source.map { try TensorInfo(name: $0, shape: $1, elementType: .bf16) }
        return try RecipeFixtures.recipe(tensors: tensors) { formats[$0.name] ?? "BF16" }.changed {
            $0.converter = converter
            $0.size.exact = .plannedLayers
        }
    }

    private func model(_ entries: [Entry], metadata: [GGUFMetadata] = []) throws -> Model {
        try Model(
            name: "m",
            tensors: entries.map {
                try TensorInfo(
                    name: $0.name,
                    shape: $0.shape,
                    elementType: QuantizationFormat(named: $0.type)
                )
            },
            kind: .safetensors,
            metadata: metadata
        )
    }

    private func affine(_ name: String, bits: Int, group: Int, row: Int, rows: Int) -> [Entry] {
        [
            ("\(name).weight", "U32", [rows, row * bits / 32]),
            ("\(name).scales", "BF16", [rows, row / group]),
            ("\(name).biases", "BF16", [rows, row / group]),
        ]
    }

    private let mlxFormats = ["a.weight": "MLX_A8_G64", "b.weight": "MLX_A6_G64", "c.weight": "MLX_MXFP4"]

    private var mlxFile: [Entry] {
        affine("a", bits: 8, group: 64, row: 256, rows: 8)
            + affine("b", bits: 6, group: 64, row: 256, rows: 8)
            + [("c.weight", "U32", [4, 16]), ("c.scales", "U8", [4, 4]), ("n.weight", "F32", [256])]
    }

    private func names(_ check: RecipeCheck) -> [String] {
        check.differences.map { "\($0.tensor ?? "file") \($0.kind)" }
    }

    @Test("what MLX packs is known by its words and scales", arguments: [false, true])
    func checksMLX(withModel: Bool) throws {
        let recipe = try recipe("mlx", mlxFormats)
        let original = withModel ? try model(source.map { ($0.0, "BF16", $0.1) }) : nil
        func check(_ entries: [Entry]) throws -> RecipeCheck {
            RecipeCheck(recipe, file: try model(entries), model: original)
        }
        let right = try check(mlxFile)
        #expect(names(right) == [])
        #expect(right.matching == 4)

        let rest = Array(mlxFile.dropFirst(6))
        let swapped = try check(
            affine("a", bits: 6, group: 64, row: 256, rows: 8)
                + affine("b", bits: 8, group: 64, row: 256, rows: 8)
                + rest
        )
        #expect(names(swapped) == ["a.weight format", "b.weight format"])
        #expect(swapped.differences.first?.planned == "MLX_A8_G64")
        #expect(swapped.differences.first?.found.contains("MLX_A6_G64") ?? false)

        // The same ratio of words to scales, of a row half as long or twice as long.
        let grouped = try check(affine("a", bits: 4, group: 128, row: 256, rows: 8) + mlxFile.dropFirst(3))
        #expect(names(grouped) == [withModel ? "a.weight format" : "a.weight bytes"])

        let noScales = try check(mlxFile.filter { $0.name != "a.scales" })
        #expect(names(noScales) == ["a.scales missing"])
        let noBiases = try check(
            mlxFile.filter { $0.name != "a.biases" } + [("a.scales2.scales", "BF16", [8, 4])]
        )
        #expect(names(noBiases) == ["a.biases missing", "a.scales2.scales extra"])
        #expect(names(try check(mlxFile + [("c.biases", "BF16", [4, 4])])) == ["c.biases extra"])
        #expect(names(try check(mlxFile + [("n.scales", "BF16", [1])])) == ["n.scales extra"])
    }

    private let comfyFormats = ["a.weight": "float8_e4m3fn", "b.weight": "float8_e5m2"]

    private var comfyFile: [Entry] {
        [
            ("a.weight", "float8_e4m3fn", [8, 256]), ("a.weight_scale", "F32", [1]),
            ("b.weight", "float8_e5m2", [8, 256]), ("b.weight_scale", "F32", [1]),
            ("c.weight", "BF16", [4, 128]), ("n.weight", "F32", [256]),
        ]
    }

    private func listing(_ layers: String) -> [GGUFMetadata] {
        [
            GGUFMetadata(
                "_quantization_metadata",
                .string(#"{"format_version": "1.0", "layers": {\#(layers)}}"#)
            )
        ]
    }

    @Test("ComfyUI's files need a scale for each weight in 8-bit floats, and the list of them")
    func checksComfyUI() throws {
        let recipe = try recipe("comfyui", comfyFormats)
        func check(_ entries: [Entry], _ metadata: [GGUFMetadata]) throws -> [String] {
            names(RecipeCheck(recipe, file: try model(entries, metadata: metadata)))
        }
        let a = #""a": {"format": "float8_e4m3fn"}"#
        let b = #""b": {"format": "float8_e5m2"}"#
        let list = listing("\(a), \(b)")
        #expect(try check(comfyFile, list) == [])
        #expect(
            try check(comfyFile.filter { !$0.name.hasSuffix("_scale") }, list)
                == ["a.weight_scale missing", "b.weight_scale missing"]
        )
        #expect(try check(comfyFile + [("c.weight_scale", "F32", [1])], list) == ["c.weight_scale extra"])
        #expect(try check(comfyFile, []) == ["a.weight metadata", "b.weight metadata"])
        #expect(try check(comfyFile, listing(a)) == ["b.weight metadata"])
        #expect(
            try check(comfyFile, listing(#"\#(a), "b": {"format": "float8_e4m3fn"}"#)) == [
                "b.weight metadata"
            ]
        )
        #expect(
            try check(comfyFile, listing(#"\#(a), \#(b), "c": {"format": "float8_e5m2"}"#))
                == ["c.weight metadata"]
        )
        #expect(
            try check(comfyFile, [GGUFMetadata("_quantization_metadata", .string("{"))]) == ["file metadata"]
        )
        // A tensor of the module's own says its format too.
        #expect(try check(comfyFile + [("b.comfy_quant", "U8", [27])], listing(a)) == [])
    }
}
