import Checkpoints
import Converters
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

/// What `plan --converter` accepts, `plan export` writes.
@Suite struct ConverterAgreementTests {
    /// A small model: its tensors with their shapes and types, the planned ones first.
    struct SmallModel: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var planned: [String]
        var shape = [64, 256]
        var types: [String]
        var others: [(name: String, shape: [Int], type: String)] = []
        /// The table's layers, where they are not the planned tensors.
        var layers: [String]?

        var inventory: String {
            let weights = planned.enumerated().map { index, name in
                (name: name, shape: shape, type: types[index % types.count])
            }
            let entries = (weights + others).map {
                #"{"name": "\#($0.name)", "shape": \#($0.shape), "type": "\#($0.type)"}"#
            }
            return #"{"model": "small", "tensors": [\#(entries.joined(separator: ", "))]}"#
        }

        func table(_ columns: [String]) -> String {
            let rows = (layers ?? planned).enumerated().map { row, layer in
                ([layer] + columns.indices.map { "\((row + 1) * (columns.count - $0))" }).joined(
                    separator: ","
                )
            }
            return (["layer," + columns.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
        }
    }

    private static let hub = (0..<3).flatMap { layer in
        ["self_attn.q_proj", "mlp.up_proj"].map { "model.layers.\(layer).\($0).weight" }
    }
    private static let ggml = (0..<3).flatMap { layer in
        ["attn_q", "ffn_up"].map { "blk.\(layer).\($0).weight" }
    }
    private static let diffusion = (0..<3).map { "joint_blocks.\($0).x_block.mlp.fc1.weight" }
    private static let integers = [
        (name: "position_ids", shape: [1, 64], type: "I64"), (name: "step", shape: [1], type: "F64"),
    ]

    static func models() throws -> [SmallModel] {
        var models: [SmallModel] = []
        for types in [["F32"], ["F16"], ["F32", "BF16"], ["F8_E4M3"]] {
            let text = types.joined(separator: " ")
            for (kind, names) in [("hub", hub), ("ggml", ggml), ("diffusion", diffusion)] {
                models.append(SmallModel(testDescription: "\(kind) \(text)", planned: names, types: types))
            }
        }
        for type in ["BOOL", "U8", "I32"] {
            models.append(
                SmallModel(
                    testDescription: "diffusion with \(type)",
                    planned: diffusion,
                    types: ["BF16"],
                    others: integers + [(name: "mask", shape: [64, 64], type: type)]
                )
            )
        }
        models.append(
            SmallModel(
                testDescription: "diffusion with integers",
                planned: diffusion,
                types: ["BF16"],
                others: integers
            )
        )
        let flux = try Model.builtIn(named: "flux1-dev").tensors.map(\.name).filter {
            $0.contains("_blocks.") && $0.hasSuffix(".weight")
        }
        let layers = (0..<57).flatMap { block in
            (block < 19 ? ["img", "txt"] : ["x"]).map { "layer\(block < 10 ? "0" : "")\(block).\($0)" }
        }
        for (prefix, type) in [("", "F16"), ("model.diffusion_model.", "F32")] {
            models.append(
                SmallModel(
                    testDescription: "\(prefix)flux \(type)",
                    planned: flux.map { prefix + $0 },
                    types: [type],
                    layers: layers
                )
            )
        }
        return models
    }

    private static let bigTypes = ["F32", "F16", "F32 BF16"]
    private static func kinds(_ names: String..., of types: [String] = bigTypes) -> [String] {
        types.flatMap { type in names.map { "\($0) \(type)" } }
    }
    private static let float8 = kinds("hub", "ggml", "diffusion", of: ["F8_E4M3"])
    private static let truthsAndBytes = ["diffusion with BOOL", "diffusion with U8"]
    /// Programs for FLUX alone.
    private static let allButFlux =
        kinds("hub", "ggml", "diffusion") + float8 + truthsAndBytes
        + ["diffusion with I32", "diffusion with integers"]

    /// The models that a converter refuses; it takes all others.
    private static let refused = [
        // A language model in safetensors is convert_hf_to_gguf's work.
        "plan": kinds("hub") + float8 + truthsAndBytes,
        "stable-diffusion.cpp": float8 + truthsAndBytes,
        "cg-mixed-casting": allButFlux,
        "llama-quantize": kinds("hub") + float8,
        "mixed-gguf-converter": allButFlux,
        "ik_llama.cpp": kinds("hub") + float8,
        "thireus": kinds("hub") + float8,
        "comfyui": float8,
        "convert_to_quant": float8,
        "mlx": kinds("ggml") + float8,
    ]

    @Test(
        "whatever a plan for a converter accepts is written, and it accepts what it can write",
        arguments: Converters.all.map(\.name)
    )
    func agreement(converter: String) throws {
        let folder = try ScratchFolder()
        func write(_ name: String, _ text: String) throws {
            try folder.write(text, name)
        }
        let quantized = ["Q4_1", "Q8_0", "MLX_A4_G64", "MLX_A8_G32", "float8_e4m3fn"]
        var (taken, refused): ([String], [String]) = ([], [])
        for model in try Self.models() {
            try write("m.json", model.inventory)
            for (columns, budget) in [
                (quantized, "90%"), (quantized + ["BF16", "F16", "F32"], "70%"),
            ] {
                try write("t.csv", model.table(columns))
                let made = try ProgramRun.plan(
                    ["--budget", budget, "--model", "m.json", "--impacts", "t.csv", "--converter", converter]
                        + ["-o", "r.json"] + (model.layers == nil ? ["--grouping", "per tensor"] : []),
                    in: folder.url
                )
                guard made.exitCode == 0 else {
                    // Refused before solving, or too small a budget; never an accident.
                    #expect([2, 65].contains(made.exitCode), "\(model.testDescription): \(made.errors)")
                    if refused.last != model.testDescription { refused.append(model.testDescription) }
                    continue
                }
                taken.append(model.testDescription)
                let export = try ProgramRun.plan(
                    ["export", "r.json", "--converter", converter, "--model", "m.json"],
                    in: folder.url
                )
                #expect(export.exitCode == 0, "\(model.testDescription) \(budget): \(export.errors)")
            }
        }
        // What is refused is so at every budget.
        #expect(Set(taken).isDisjoint(with: refused))
        #expect(refused == Self.refused[converter], "\(converter)")
    }
}
