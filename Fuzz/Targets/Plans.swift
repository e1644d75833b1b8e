import Checkpoints
import Converters
import Foundation
import Recipes
import Tensors

/// The tensors that groupings and recipes of the corpus speak of.
private let tensors: [TensorInfo] = ["a.0.img_x.weight", "a.1.txt_x.weight", "norm.bias"].compactMap {
    try? TensorInfo(name: $0, shape: $0.hasSuffix("bias") ? [64] : [32, 64], elementType: .bf16)
}

/// Reads a grouping, and groups by it.
func testGrouping(_ bytes: [UInt8]) {
    attempt {
        _ = try LayerGroupingReader.read(bytes, from: "g.json").grouped(tensors)
    }
}

/// Reads a recipe, computes its sizes again, writes it for every converter, and reads it back as it is written.
func testRecipe(_ bytes: [UInt8]) {
    attempt {
        let recipe = try RecipeReader.read(Data(bytes), from: "r.json")
        _ = RecipeSizes(recipe, tensors: tensors)
        for converter in Converters.all {
            attempt { _ = try converter.files(for: recipe, model: tensors) }
            _ = converter.usage(of: recipe, file: "out")
        }
        let text = try recipe.jsonText()
        let again = try RecipeReader.read(Data(text.utf8), from: "r.json")
        precondition(again == recipe)
    }
}
