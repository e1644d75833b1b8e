import Checkpoints
import Recipes
import Tensors
import Testing
import Text

@testable import Converters

/// Where MLX keeps what a recipe makes of a model.
@Suite struct MLXTargetTests {
    private func tensor(_ name: String, _ shape: [Int], _ type: String = "BF16") throws -> TensorInfo {
        try TensorInfo(name: name, shape: shape, elementType: QuantizationFormat(named: type))
    }

    private func target(_ tensors: [TensorInfo], _ format: (String) -> String) throws -> MLXTarget {
        let recipe = try RecipeFixtures.recipe(tensors: tensors) { format($0.name) }
        return try MLXTarget(recipe, model: try Model(name: "m", tensors: tensors))
    }

    @Test("a weight becomes words with scales, and in mode affine with biases, in the type of the weights")
    func parts() throws {
        let tensors = [
            try tensor("model.norm.weight", [64], "F32"), try tensor("a.weight", [4, 256], "F16"),
            try tensor("b.weight", [4, 256], "F32"), try tensor("c.weight", [4, 64]),
            try tensor("d.weight", [4, 64]),
        ]
        let formats = ["a.weight": "MLX_A3_G128", "b.weight": "MLX_A6_G32", "c.weight": "MLX_NVFP4"]
        let target = try target(tensors) { formats[$0] ?? "BF16" }
        let found = target.tensors.map { "\($0.name) \($0.type) \($0.shape)" }
        #expect(
            found == [
                "model.norm.weight F32 [64]",
                "a.weight U32 [4, 24]", "a.scales F16 [4, 2]", "a.biases F16 [4, 2]",
                "b.weight U32 [4, 48]", "b.scales BF16 [4, 8]", "b.biases BF16 [4, 8]",
                "c.weight U32 [4, 8]", "c.scales U8 [4, 4]",
                "d.weight BF16 [4, 64]",
            ]
        )
        #expect(target.sources[1].places.map(\.rowByteCount) == [96, 4, 4])
        #expect(target.sources.map(\.places.count) == [1, 3, 3, 2, 1])
        #expect(target.sources.map(\.isPlanned) == [false, true, true, true, true])
    }

    @Test("the experts of a layer follow one another in a stack, whatever order they come in")
    func experts() throws {
        let tensors = try [10, 2, 0, 1, 3, 4, 5, 6, 7, 8, 9].map {
            try tensor("l.block_sparse_moe.experts.\($0).w2.weight", [2, 64])
        }
        let target = try target(tensors) { _ in "MLX_A4_G32" }
        #expect(
            target.tensors.map { "\($0.name) \($0.shape)" } == [
                "l.block_sparse_moe.switch_mlp.down_proj.weight [11, 2, 8]",
                "l.block_sparse_moe.switch_mlp.down_proj.scales [11, 2, 2]",
                "l.block_sparse_moe.switch_mlp.down_proj.biases [11, 2, 2]",
            ]
        )
        #expect(
            target.sources.map { $0.places[0].offset } == [10, 2, 0, 1, 3, 4, 5, 6, 7, 8, 9].map { $0 * 64 }
        )
        #expect(target.sources[0].places[1].offset == 80)
        let text = try #require(try target.quantization?.text())
        #expect(text.contains(#""l.block_sparse_moe.switch_mlp.down_proj": {"group_size": 32"#))
    }

    @Test("experts that do not stack, and names that meet, are refused")
    func refuses() throws {
        let gap = [
            try tensor("l.mlp.experts.0.up_proj.weight", [2, 64]),
            try tensor("l.mlp.experts.2.up_proj.weight", [2, 64]),
        ]
        let noStack = RecipeError.cannotTake(
            tensor: "l.mlp.experts.0.up_proj.weight",
            reason: """
                which does not stack with the other experts of its layer: one is missing, or has another shape, type or format
                """,
            converter: "mlx"
        )
        #expect(throws: noStack) { try target(gap) { _ in "MLX_A4_G32" } }
        let uneven = [
            try tensor("l.mlp.experts.0.up_proj.weight", [2, 64]),
            try tensor("l.mlp.experts.1.up_proj.weight", [4, 64]),
        ]
        #expect(throws: noStack) { try target(uneven) { _ in "MLX_A4_G32" } }
        let meeting = [try tensor("a.weight", [2, 64]), try tensor("a.scales", [2])]
        #expect(
            throws: RecipeError.cannotTake(
                tensor: "a.scales",
                reason: "which is also what a tensor beside it becomes",
                converter: "mlx"
            )
        ) { try target(meeting) { _ in "MLX_A4_G32" } }
    }

    @Test(
        "rows that no one group divides are no obstacle to what is only loaded, and nothing quantized has no dictionary"
    )
    func groups() throws {
        let tensors = [try tensor("a.weight", [2, 48]), try tensor("b.weight", [2, 64])]
        let mixed = try target(tensors) { $0 == "a.weight" ? "MLX_NVFP4" : "MLX_A4_G64" }
        let text = try #require(try mixed.quantization?.text())
        #expect(text.contains(#""a": {"group_size": 16, "bits": 4, "mode": "nvfp4"}"#))
        #expect(try target(tensors) { _ in "BF16" }.quantization == nil)
    }
}
