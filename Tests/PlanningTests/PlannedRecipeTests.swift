import BitAllocation
import Foundation
import Planning
import Recipes
import TestSupport
import Testing

/// The recipe of FLUX.1-dev at a budget, as the program writes it.
func fluxRecipe(gigabytes: Int = 9, combination: ImpactCombination = .sum) throws -> Recipe {
    let task = try fluxTask(budget: gigabytes * 1_000_000_000, combination: combination)
    return Recipe(
        try Allocator().plan(for: task.problem),
        for: task,
        generator: .init(version: "0.1.0", arguments: ["--budget", "\(gigabytes)GB"]),
        model: .init(name: "flux1-dev", parameters: 11_901_408_320, digest: "fnv1a64:0"),
        impacts: .init(name: "flux1-dev-table3", digest: "fnv1a64:1")
    )
}

@Suite struct PlannedRecipeTests {
    @Test("a recipe accounts for every tensor once and for every byte", arguments: [8, 9, 12, 20])
    func accountsForEverything(gigabytes: Int) throws {
        let recipe = try fluxRecipe(gigabytes: gigabytes)
        let names = recipe.layers.flatMap(\.tensors) + recipe.kept.map(\.tensor)
        #expect(names.count == 780)
        #expect(Set(names).count == 780)
        let planned = recipe.layers.reduce(0) { $0 + $1.bytes }
        let kept = recipe.kept.reduce(0) { $0 + $1.bytes }
        #expect(planned + kept == recipe.size.tensorData)
        #expect(recipe.size.tensorData + recipe.size.headerAndAlignment == recipe.size.bytes)
        #expect(recipe.limit == .bytes(gigabytes * 1_000_000_000))
        #expect(recipe.size.bytes <= gigabytes * 1_000_000_000)
    }

    @Test("a recipe that is written and read again is the same", arguments: ImpactCombination.allCases)
    func survivesReading(combination: ImpactCombination) throws {
        let recipe = try fluxRecipe(combination: combination)
        let text = try recipe.jsonText()
        #expect(try RecipeReader.read(Data(text.utf8), from: "test") == recipe)
        #expect(try RecipeReader.read(Data(text.utf8), from: "test").jsonText() == text)
    }

    @Test("a recipe in which a tensor stands twice is refused by the tensor's name")
    func refusesDuplicates() throws {
        let recipe = try fluxRecipe().changed { $0.kept.append($0.kept[0]) }
        let text = try recipe.jsonText()
        #expect(
            sentence { try RecipeReader.read(Data(text.utf8), from: "test") } == """
                "test" is not a recipe: on line 1, the top level has the tensor \(recipe.kept[0].tensor) twice
                """
        )
    }
}
