import Checkpoints
import Foundation
import Text
import Recipes
import Tensors
import TestSupport
import Testing

@testable import Converters

/// The quantization dictionary, read back as `mlx_lm` reads it.
@Suite struct MLXTests {
    /// A model as it is on the hub: dense layers, one of experts, a router, norms.
    private func tensors() throws -> [TensorInfo] {
        var tensors = [try TensorInfo(name: "model.embed_tokens.weight", shape: [512, 256])]
        for layer in 0..<4 {
            for part in ["self_attn.q_proj", "self_attn.o_proj", "mlp.down_proj"] {
                tensors.append(
                    try TensorInfo(name: "model.layers.\(layer).\(part).weight", shape: [256, 256])
                )
            }
            tensors.append(try TensorInfo(name: "model.layers.\(layer).input_layernorm.weight", shape: [256]))
        }
        for expert in 0..<12 {
            tensors.append(
                try TensorInfo(
                    name: "model.layers.4.mlp.experts.\(expert).up_proj.weight",
                    shape: [128, 256]
                )
            )
        }
        return tensors
    }

    /// What `mlx_lm` makes of a module: nothing where the global group does not divide its row, else its own entry, else the
    /// global one; entries of experts are looked up under the stacked module.
    private func format(of tensor: TensorInfo, in plan: [String: Any]) -> String? {
        guard tensor.dimensionCount == 2, let global = plan["group_size"] as? Int else { return nil }
        guard tensor.rowLength % global == 0 else { return nil }
        var path = String(tensor.name.dropLast(".weight".count))
        if let range = path.range(of: #"experts\.[0-9]+"#, options: .regularExpression) {
            path.replaceSubrange(range, with: "switch_mlp")
        }
        let own = plan[path]
        if let isQuantized = own as? Bool, !isQuantized { return nil }
        let setting = own as? [String: Any] ?? plan
        guard let bits = setting["bits"] as? Int, let group = setting["group_size"] as? Int,
            let mode = setting["mode"] as? String
        else { return nil }
        return mode == "affine" ? "MLX_A\(bits)_G\(group)" : "MLX_\(mode.uppercased())"
    }

    @Test("every module lands on the planned format, whatever the formats", arguments: 0..<50)
    func landsOnThePlan(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let tensors = try tensors()
        var drawn: [String: String] = [:]
        let converter = MLXQuantization()
        let choices = QuantizationFormat.mlx.map(\.name) + ["BF16"]
        let recipe = try RecipeFixtures.recipe(tensors: tensors) { layer in
            let key = converter.tieKey(forLayer: layer.name)
            let format = drawn[key] ?? choices.randomElement(using: &generator) ?? "BF16"
            drawn[key] = format
            return format
        }
        let files = try converter.files(for: recipe, model: tensors)
        let plan = try #require(
            try JSONSerialization.jsonObject(with: Data(files[0].bytes)) as? [String: Any]
        )
        for layer in recipe.layers {
            let tensor = try #require(tensors.first { $0.name == layer.tensors[0] })
            #expect(format(of: tensor, in: plan) ?? "BF16" == layer.format, "\(layer.layer)")
        }
    }

    @Test("experts of one layer must agree, and a group that divides no row is refused")
    func refuses() throws {
        let tensors = try tensors()
        let apart = try RecipeFixtures.recipe(tensors: tensors) { layer in
            layer.name.contains("experts.3.") ? "MLX_A8_G64" : "MLX_A4_G64"
        }
        let refusal = sentence { try MLXQuantization().files(for: apart, model: tensors) }
        #expect(
            refusal?.hasPrefix(
                "mlx gives these one format each, and the recipe does not: model.layers.4.mlp.experts.0.up_proj.weight MLX_A4_G64 and "
            ) == true,
            "\(refusal ?? "written")"
        )
        let narrow = tensors + [try TensorInfo(name: "model.narrow.weight", shape: [8, 48])]
        let recipe = try RecipeFixtures.recipe(tensors: narrow) { layer in
            layer.name == "model.narrow.weight" ? "MLX_NVFP4" : "MLX_A4_G64"
        }
        // Rows of 48 take groups of 16 alone, which then has to be the global group.
        let files = try MLXQuantization().files(for: recipe, model: narrow)
        let plan = try #require(
            try JSONSerialization.jsonObject(with: Data(files[0].bytes)) as? [String: Any]
        )
        #expect(plan["group_size"] as? Int == 16)
        #expect(format(of: narrow[narrow.count - 1], in: plan) == "MLX_NVFP4")
    }

    @Test("the sizes of MLX's formats are bits and scales per group")
    func hasExactSizes() throws {
        let format = try #require(QuantizationFormat(named: "MLX_A4_G64"))
        #expect(format.bitsPerWeight == 4.5)
        #expect(QuantizationFormat(named: "mlx_a3_g32")?.bitsPerWeight == 4)
        #expect(QuantizationFormat(named: "MLX_MXFP4")?.bitsPerWeight == 4.25)
        #expect(QuantizationFormat(named: "MLX_NVFP4")?.bitsPerWeight == 4.5)
        #expect(QuantizationFormat.mlx.count == 21)
    }
}
