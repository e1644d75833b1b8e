import Checkpoints
import Foundation
import Recipes
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// Finished files that are brought up to date with another recipe.
@Suite struct UpdateTests {
    private static let formats = ["Q4_0", "Q8_0", "Q5_K", "IQ4_NL", "BF16"]

    private func model(_ folder: ScratchFolder, seed: Int, _ name: String = "m.gguf") throws -> Model {
        try Model.read(path: try folder.write(ScratchFolder.languageModel(seed: seed).bytes, name))
    }

    /// A recipe whose formats are drawn with a seed.
    private func recipe(_ model: Model, seed: Int) throws -> Recipe {
        var random = SeededGenerator(seed: seed)
        return try ScratchFolder.recipe(model) { _ in
            Self.formats[Int.random(in: 0..<Self.formats.count, using: &random)]
        }
    }

    @Test("an updated file has the bytes of one that is written anew, and the same errors", arguments: 1...6)
    func sameBytes(seed: Int) throws {
        let folder = try ScratchFolder()
        let model = try model(folder, seed: seed)
        try folder.convert(try recipe(model, seed: seed), model, to: "q.gguf")
        let next = try recipe(model, seed: seed + 100)
        let fresh = try #require(try folder.convert(next, model, to: "fresh.gguf"))
        let updated = try #require(try folder.convert(next, model, to: "q.gguf", earlier: "q.gguf"))
        #expect(try folder.bytes("q.gguf") == folder.bytes("fresh.gguf"))
        #expect(updated.sums == fresh.sums)
        let unchanged = zip(try recipe(model, seed: seed).layers, next.layers).count {
            $0.format == $1.format && $0.format != "BF16"
        }
        #expect(updated.takenOver <= unchanged && fresh.takenOver == 0)
    }

    @Test("what has its format already is taken over, whatever the order of the tensors in the file")
    func takesOver() throws {
        let folder = try ScratchFolder()
        let model = try model(folder, seed: 1)
        let recipe = try ScratchFolder.recipe(model) { $0.contains("attn") ? "Q6_K" : "Q4_K" }
        try folder.convert(recipe, model, to: "q.gguf")
        let updated = try folder.convert(recipe, model, to: "q.gguf", earlier: "q.gguf")
        #expect(updated?.takenOver == updated?.draft.parts.count { !$0.isCopied })
        let next = try ScratchFolder.recipe(model) { $0.contains("attn") ? "Q5_K" : "Q4_K" }
        let changed = try folder.convert(next, model, to: "q.gguf", earlier: "q.gguf")
        #expect(changed?.takenOver == recipe.layers.count { $0.format == "Q4_K" })
    }

    /// A model of which one row, and with it one tensor, is other than in ``model(_:seed:_:)``.
    private func fineTune(_ folder: ScratchFolder, seed: Int, factor: Float) throws -> Model {
        let file = ScratchFolder.languageModel(seed: seed) { weights in
            for index in 21 * 256..<22 * 256 { weights[index] *= factor }
        }
        return try Model.read(path: try folder.write(file.bytes, "tuned.gguf"))
    }

    @Test("a row of other weights between those that are cast again shows by its error", arguments: 1...3)
    func otherRow(seed: Int) throws {
        let folder = try ScratchFolder()
        let recipe = try ScratchFolder.recipe(try model(folder, seed: seed)) { _ in "Q4_K" }
        try folder.convert(recipe, try model(folder, seed: seed), to: "q.gguf")
        let tuned = try fineTune(folder, seed: seed, factor: 1.5)
        try folder.convert(recipe, tuned, to: "fresh.gguf")
        let updated = try folder.convert(recipe, tuned, to: "q.gguf", earlier: "q.gguf")
        #expect(updated?.takenOver == recipe.layers.count - 1)
        #expect(try folder.bytes("q.gguf") == folder.bytes("fresh.gguf"))
    }

    @Test("a damaged row shows by its error, and its tensor is cast again", arguments: 1...3)
    func damagedRow(seed: Int) throws {
        let folder = try ScratchFolder()
        let model = try model(folder, seed: seed)
        let recipe = try ScratchFolder.recipe(model) { _ in "Q4_K" }
        try folder.convert(recipe, model, to: "q.gguf")
        let made = try Model.read(path: folder.path("q.gguf"))
        let index = try #require(made.tensors.firstIndex { $0.name == "blk.0.ffn_down.weight" })
        var bytes = try folder.bytes("q.gguf")
        // The high byte of the scale of a block in row 21.
        bytes[made.locations[index].offset + 21 * 2 * 144 + 1] ^= 0x0C
        try folder.write(bytes, "q.gguf")
        try folder.convert(recipe, model, to: "fresh.gguf")
        let updated = try folder.convert(recipe, model, to: "q.gguf", earlier: "q.gguf")
        #expect(updated?.takenOver == recipe.layers.count - 1)
        #expect(try folder.bytes("q.gguf") == folder.bytes("fresh.gguf"))
    }

    @Test("where a record says what tensors were cast from, exactly those of the same weights are taken over")
    func recorded() throws {
        let folder = try ScratchFolder()
        let model = try model(folder, seed: 4)
        let recipe = try ScratchFolder.recipe(model) { $0.contains("attn") ? "Q8_0" : "Q4_K" }
        let written = try #require(try folder.convert(recipe, model, to: "q.gguf"))
        #expect(Set(written.origins.keys) == Set(recipe.layers.flatMap(\.tensors)))
        // A change that no error shows.
        let tuned = try fineTune(folder, seed: 4, factor: 1.01)
        try folder.convert(recipe, tuned, to: "fresh.gguf")
        let updated = try folder.convert(
            recipe,
            tuned,
            to: "q.gguf",
            earlier: "q.gguf",
            origins: written.origins
        )
        #expect(updated?.takenOver == recipe.layers.count - 1)
        #expect(try folder.bytes("q.gguf") == folder.bytes("fresh.gguf"))
        let changed = try #require(updated?.origins).filter { written.origins[$0.key] != $0.value }
        #expect(changed.map(\.key) == ["blk.1.attn_q.weight"])
        // A tensor of which nothing is recorded is cast, and one that was taken over by a sample of its rows is not recorded.
        let none = try folder.convert(recipe, tuned, to: "q.gguf", earlier: "q.gguf", origins: [:])
        #expect(none?.takenOver == 0 && none?.origins == updated?.origins)
        let sampled = try folder.convert(recipe, tuned, to: "q.gguf", earlier: "q.gguf")
        #expect(sampled?.takenOver == recipe.layers.count { $0.format == "Q4_K" })
        #expect(sampled?.origins.count == recipe.layers.count { $0.format == "Q8_0" })
    }

    @Test("nothing is taken over that another model's weights made")
    func otherWeights() throws {
        let folder = try ScratchFolder()
        let model = try model(folder, seed: 1)
        let other = try self.model(folder, seed: 50, "o.gguf")
        let recipe = try ScratchFolder.recipe(model) { _ in "Q4_0" }
        try folder.convert(try ScratchFolder.recipe(other) { _ in "Q4_0" }, other, to: "q.gguf")
        try folder.convert(recipe, model, to: "fresh.gguf")
        let updated = try folder.convert(recipe, model, to: "q.gguf", earlier: "q.gguf")
        #expect(updated?.takenOver == 0)
        #expect(try folder.bytes("q.gguf") == folder.bytes("fresh.gguf"))
    }

    @Test("a file that has no tensor of the model is an error and stays as it is")
    func otherModel() throws {
        let folder = try ScratchFolder()
        let model = try model(folder, seed: 1)
        var file = GGUFModel()
        file.add("general.architecture", "other")
        file.add("a.weight", [32, 32], drawnWeights(1_024, seed: 1))
        try folder.write(file.bytes, "q.gguf")
        let recipe = try ScratchFolder.recipe(model) { _ in "Q4_0" }
        #expect(throws: ConversionError.otherModel(path: folder.path("q.gguf"))) {
            try folder.convert(recipe, model, to: "q.gguf", earlier: "q.gguf")
        }
        #expect(try folder.bytes("q.gguf") == file.bytes)
    }

    @Test(
        "a model's own source, and a file of another model with some of the names, are not brought up to date"
    )
    func source() throws {
        let folder = try ScratchFolder()
        let model = try model(folder, seed: 1)
        let recipe = try ScratchFolder.recipe(model) { _ in "Q4_0" }
        let source = try folder.bytes(URL(fileURLWithPath: model.files[0].path).lastPathComponent)
        try folder.write(source, "copy.gguf")
        #expect(throws: ConversionError.notFinished(path: folder.path("copy.gguf"))) {
            try folder.convert(recipe, model, to: "copy.gguf", earlier: "copy.gguf")
        }
        #expect(try folder.bytes("copy.gguf") == source)
        var file = GGUFModel()
        file.add("general.architecture", "other")
        for tensor in model.tensors.dropLast() where tensor.dimensionCount > 1 {
            file.add(tensor.name, tensor.shape, drawnWeights(tensor.elementCount, seed: 1))
        }
        let missing = model.tensors.last { $0.dimensionCount > 1 }
        try #require(missing != nil)
        file.add("b.weight", [32, 32], drawnWeights(1_024, seed: 1))
        try folder.write(file.bytes, "o.gguf")
        #expect(throws: ConversionError.otherModel(path: folder.path("o.gguf"))) {
            try folder.convert(recipe, model, to: "o.gguf", earlier: "o.gguf")
        }
        #expect(try folder.bytes("o.gguf") == file.bytes)
    }

    @Test("the finished file of a larger model is not replaced by that of a part of it")
    func largerModel() throws {
        let folder = try ScratchFolder()
        let whole = try model(folder, seed: 1)
        try folder.convert(try ScratchFolder.recipe(whole) { _ in "Q4_0" }, whole, to: "q.gguf")
        let before = try folder.bytes("q.gguf")
        var file = GGUFModel()
        file.add("general.architecture", "llama")
        for (index, tensor) in whole.tensors.enumerated() where !tensor.name.hasPrefix("blk.1.") {
            file.add(tensor.name, tensor.shape, drawnWeights(tensor.elementCount, seed: index))
        }
        let part = try Model.read(path: try folder.write(file.bytes, "part.gguf"))
        try #require(part.tensors.count < whole.tensors.count)
        #expect(throws: ConversionError.otherModel(path: folder.path("q.gguf"))) {
            let recipe = try ScratchFolder.recipe(part) { _ in "Q4_0" }
            try folder.convert(recipe, part, to: "q.gguf", earlier: "q.gguf")
        }
        #expect(try folder.bytes("q.gguf") == before)
    }

    @Test("an update that was ended anywhere leaves the old file, and goes on", arguments: 1...8)
    func interrupted(limit: Int) throws {
        let folder = try ScratchFolder()
        let model = try model(folder, seed: limit)
        let next = try recipe(model, seed: limit + 100)
        try folder.convert(next, model, to: "fresh.gguf")
        try folder.convert(try recipe(model, seed: limit), model, to: "q.gguf")
        let old = try folder.bytes("q.gguf")
        let events = Mutex(0)
        let ended = try folder.convert(next, model, to: "q.gguf", earlier: "q.gguf") { _ in
            events.withLock {
                $0 += 1
                return $0 < limit
            }
        }
        #expect(ended == nil)
        #expect(try folder.bytes("q.gguf") == old)
        try folder.convert(next, model, to: "q.gguf", earlier: "q.gguf", resuming: true)
        #expect(try folder.bytes("q.gguf") == folder.bytes("fresh.gguf"))
        #expect(!folder.exists("q.gguf.partial") && !folder.exists("q.gguf.partial.journal"))
    }
}
