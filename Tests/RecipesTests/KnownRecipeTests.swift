import Foundation
import Recipes
import Testing
import Text

/// Which files are known as recipes of this program.
@Suite struct KnownRecipeTests {
    private func isRecipe(_ text: String) throws -> Bool {
        Recipe.isRecipe(try #require(InspectedFile(bytes: Array(text.utf8))))
    }

    @Test("a recipe is known, one of another version or with more members as well")
    func own() throws {
        let plans = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "plans")
        let text = try String(contentsOf: plans.appending(path: "flux1-dev-9GB.json"), encoding: .utf8)
        #expect(try isRecipe(text))
        #expect(try isRecipe(text.replacing(#""version": 1,"#, with: #""version": 2, "later": true,"#)))
        #expect(try !isRecipe(text.replacing(#""name": "plan""#, with: #""name": "other""#)))
        #expect(try !isRecipe(String(text.dropLast(10))))
    }

    @Test(
        "what somebody else wrote is none",
        arguments: [
            "", "[]", "my own notes", #"{"layers": []}"#, #"{"generator": {"name": "plan"}}"#,
            #"{"generator": {"name": "plan"}, "layers": {}}"#, #"{"generator": "plan", "layers": []}"#,
        ]
    )
    func foreign(text: String) throws {
        #expect(try !isRecipe(text))
    }
}
