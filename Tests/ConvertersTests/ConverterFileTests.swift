import Checkpoints
import Converters
import Recipes
import Testing
import Text

/// By what a file of a converter is known as one that this program wrote.
@Suite struct ConverterFileTests {
    private func isKnown(_ text: String, by file: ConverterFile) throws -> Bool {
        file.resembles(try #require(InspectedFile(bytes: Array(text.utf8))))
    }

    /// What a converter writes of the first model that it has rules for.
    private func files(of converter: any Converter) -> [ConverterFile] {
        for name in ["flux1-dev", "llama-3.1-8b"] {
            guard let (model, recipe) = try? RecipeFixtures.random(name, for: converter, seed: 1),
                let files = try? converter.files(for: recipe, model: model.tensors), !files.isEmpty
            else { continue }
            return files
        }
        return []
    }

    @Test(
        "every converter's file is known by one of the same converter, and not what somebody else wrote",
        arguments: Converters.all.map(\.name)
    )
    func own(name: String) throws {
        let converter = try Converters.named(name)
        let files = files(of: converter)
        #expect(!files.isEmpty)
        for file in files {
            #expect(try isKnown(String(decoding: file.bytes, as: UTF8.self), by: file))
            for other in ["dear diary\n", #"{"model_type": "llama"}"#, "^blk.[0-9].attn_q.weight$=q6_K\n"] {
                #expect(try !isKnown(other, by: file), "\(other)")
            }
        }
    }

    @Test("exact patterns are told from those that stand for any text")
    func patterns() throws {
        let file = ConverterFile(name: "r", text: "", mark: .exactPatterns)
        #expect(try isKnown("^a\\.b$=q4_K\n^c\\.(0|1)$=q8_0\n", by: file))
        // The last rule of a long file may be cut off.
        #expect(try isKnown("^a\\.b$=q4_K,^c\\.d", by: file))
        #expect(try !isKnown("^a.b$=q4_K\n", by: file))
        #expect(try !isKnown("a$=q4_K\n", by: file))
    }

    @Test("an object has the names of the new one, or exact patterns")
    func names() throws {
        let file = ConverterFile(name: "r", text: #"{"a": 1, "b": 2}"#, mark: .names)
        #expect(try isKnown(#"{"b": 3, "^c\\.0$": 1}"#, by: file))
        #expect(try !isKnown(#"{"a": 1, "own": 2}"#, by: file))
        #expect(try !isKnown(#"{"^c.*$": 1}"#, by: file))
        #expect(try !isKnown("a: 1", by: file))
    }

    @Test("words stand as often as the key of every configuration")
    func words() throws {
        let file = ConverterFile(name: "r", text: "", mark: .words("made by plan", per: "casts:"))
        #expect(try isKnown("# made by plan\ncasts:\n", by: file))
        #expect(try !isKnown("# made by plan\ncasts:\n\ncasts:\n", by: file))
        #expect(try !isKnown("# made by plan\n", by: file))
    }
}
