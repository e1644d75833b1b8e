import Foundation
import Recipes
import Testing

@Suite struct RecipeReaderTests {
    @Test(
        "what is no recipe is refused with a sentence",
        arguments: [
            "", "{", "[]", "{}", #"{"version": 2}"#, #"{"version": "1"}"#, #"{"version": 1}"#, "null",
            #"{"version": 1e999}"#,
        ]
    )
    func refusesOthers(text: String) {
        #expect(throws: RecipeError.self) { try RecipeReader.read(Data(text.utf8), from: "test") }
    }
}
