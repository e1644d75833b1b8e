import Checkpoints
import Converters
import Recipes
import Tensors
import TestSupport
import Testing

/// What is said of all plans at once is what happens to each.
@Suite struct ConverterReachTests {
    @Test(
        "a converter takes exactly the recipes that are within its reach",
        arguments: Converters.all.map(\.name),
        [1, 2]
    )
    func agreesWithTheWriter(name: String, seed: Int) throws {
        let converter = try Converters.named(name)
        let model = try Model.builtIn(named: "flux1-dev")
        let names = converter.formats.map(\.format).filter { $0.isWeightFormat }.map(\.name) + ["Q8_1"]
        let recipe = try RecipeFixtures.recipe(tensors: model.tensors, grouping: .flux) { _ in "BF16" }
        let reach = try #require(
            ConverterReach(
                converter,
                for: recipe,
                model: model.tensors,
                formats: recipe.layers.map { _ in names }
            )
        )
        var generator = SeededGenerator(seed: seed)
        var taken = 0
        for _ in 0..<12 {
            // One format for most, so that some recipes are within reach.
            let common = names.randomElement(using: &generator) ?? "BF16"
            let choices = recipe.layers.map { _ in
                Int.random(in: 0..<76, using: &generator) == 0
                    ? Int.random(in: names.indices, using: &generator) : names.firstIndex(of: common) ?? 0
            }
            let chosen = recipe.changed {
                for (layer, choice) in choices.enumerated() { $0.layers[layer].format = names[choice] }
            }
            let isWithin =
                choices.enumerated().allSatisfy { reach.accepts[$0.offset][$0.element] }
                && reach.ties.allSatisfy { Set($0.map { choices[$0] }).count == 1 }
            let isTaken = (try? converter.files(for: chosen, model: model.tensors)) != nil
            #expect(isWithin == isTaken, "\(chosen.layers.map(\.format))")
            taken += isTaken ? 1 : 0
        }
        #expect(taken > 0)
    }
}
