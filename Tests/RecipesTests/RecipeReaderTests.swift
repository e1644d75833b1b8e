import Foundation
import Recipes
import Testing

@Suite struct RecipeReaderTests {
    @Test(
        "what is no recipe is refused with a sentence",
        arguments: [
            ("", "unexpected end at column 1"),
            ("{", "unexpected end at column 2"),
            ("[]", "the top level is an array; give an object"),
            ("{}", #"the top level has no "version"; add it"#),
            (#"{"version": 2}"#, "version is 2, and this program reads version 1"),
            (#"{"version": "1"}"#, #"version is "1"; give a whole number"#),
            (#"{"version": 1}"#, #"the top level has no "generator"; add it"#),
            ("null", "the top level is null; give an object"),
            (#"{"version": 1e999}"#, "version is 1e999; give a whole number"),
        ]
    )
    func refusesOthers(text: String, problem: String) throws {
        let error = try #require(throws: RecipeError.self) {
            try RecipeReader.read(Data(text.utf8), from: "test")
        }
        #expect(error.description == #""test" is not a recipe: on line 1, \#(problem)"#)
    }
}
