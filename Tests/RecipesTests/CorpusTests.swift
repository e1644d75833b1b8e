import Foundation
import Recipes
import TestSupport
import Testing

@Suite("the files that fuzzing recipes begins with")
struct CorpusTests {
    @Test("every recipe is read or refused, as its name says, and written as it was read")
    func recipes() throws {
        let files = try FuzzCorpus("recipe").files
        #expect(files.count >= 10)
        for file in files {
            do throws(RecipeError) {
                let recipe = try RecipeReader.read(Data(file.bytes), from: file.name)
                #expect(file.isGood, "\(file.name) is read")
                #expect(try RecipeReader.read(Data(recipe.jsonText().utf8), from: file.name) == recipe)
            } catch {
                #expect(!file.isGood, "\(file.name): \(error)")
            }
        }
    }
}
