import Checkpoints
import Converters
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// GGUF models of several files that stay split.
@Suite struct SplitModelTests {
    /// A model of three files, of which the first has no tensor but the metadata, as llama.cpp's gguf-split can make it.
    private func model(_ folder: ScratchFolder) throws -> Model {
        let names = [[], ["blk.1.ffn_down", "blk.0.attn_q"], ["output", "blk.0.ffn_down"]]
        for (number, own) in names.enumerated() {
            var file = GGUFModel()
            if number == 0 {
                file.add("general.architecture", "llama")
                file.add("general.name", "tiny")
            }
            file.add("split.no", UInt16(number))
            file.add("split.count", UInt16(names.count))
            file.add("split.tensors.count", Int32(4))
            for (index, name) in own.enumerated() {
                let weights = drawnWeights(32 * 256, seed: 10 * number + index)
                file.addBF16(name + ".weight", [32, 256], weights)
            }
            try folder.write(file.bytes, "m-0000\(number + 1)-of-00003.gguf")
        }
        return try Model.read(path: folder.path("m-00001-of-00003.gguf"))
    }

    private func path(_ number: Int) -> String { "q-0000\(number)-of-00003.gguf" }

    /// Writes every file beside its place, until a number of pieces and tensors.
    private func write(
        _ model: Model,
        _ recipe: Recipe,
        in folder: ScratchFolder,
        resuming: Bool = false
    ) throws -> [UnplacedModel] {
        let drafts = try ModelDraft.splitGGUF(recipe, model: model, importance: nil)
        return try drafts.enumerated().map { index, draft in
            let path = folder.path(path(index + 1))
            let writer = try ModelWriter(draft, of: model)
            return try #require(
                try writer.writeBeside(path, resuming: resuming && ModelWriter.canResume(path))
            )
        }
    }

    /// The bytes of every tensor, by name.
    private func data(_ model: Model) throws -> [String: [UInt8]] {
        let weights = try WeightData(of: model)
        var data: [String: [UInt8]] = [:]
        for (index, tensor) in model.tensors.enumerated() {
            data[tensor.name] = try weights.bytes(0..<model.locations[index].byteCount, ofTensor: index)
        }
        return data
    }

    @Test("the files have the model's tensors in its order, the data of one file, and say which they are")
    func staysSplit() throws {
        let folder = try ScratchFolder()
        let model = try model(folder)
        let recipe = try ScratchFolder.recipe(model) { $0.contains("attn") ? "Q8_0" : "Q4_K" }
        let whole = try write(model, recipe, in: folder)
        #expect((1...3).allSatisfy { !folder.exists(path($0)) })
        for file in whole {
            try file.synchronize()
            try file.place()
            file.removeJournal()
        }
        let made = try Model.read(path: folder.path(path(2)))
        #expect(made.files.count == 3)
        #expect(made.tensors.map(\.name) == model.tensors.map(\.name))
        #expect(made.architecture == "llama" && made.metadataValue(for: "general.name") == .string("tiny"))
        try folder.convert(recipe, model, to: "one.gguf")
        #expect(try data(made) == data(Model.read(path: folder.path("one.gguf"))))
        let joined = WrittenModel(joining: whole.map(\.written))
        #expect(joined.draft.byteCount == made.fileByteCount)
        #expect(!folder.exists(path(1) + ".partial") && !folder.exists(path(3) + ".partial.journal"))
    }

    @Test("a plan that keeps the files split counts the header of each")
    func plannedSize() throws {
        let folder = try ScratchFolder()
        let model = try model(folder)
        let recipe = try ScratchFolder.recipe(model) { $0.hasSuffix("attn_q.weight") ? "Q8_0" : "Q4_K" }
        let drafts = try ModelDraft.splitGGUF(recipe, model: model, importance: nil)
        let converter = try Converters.named("plan").adapted(to: model, importance: .none)
        func bytes(_ converter: any Converter) throws -> Int {
            let file = try converter.finishedFile(for: model, formats: [.q8_0, .q4_K])
            #expect(file.accuracy == .exact)
            return recipe.layers.reduce(file.layout.headerBytes) {
                $0 + file.layout.paddedByteCount($1.bytes)
            }
        }
        #expect(try bytes(converter.keepingSplit()) == drafts.reduce(0) { $0 + $1.byteCount })
        #expect(try bytes(converter) == ModelDraft.gguf(recipe, model: model, importance: nil).byteCount)
    }

    @Test("files that were whole before all were are gone on with")
    func resumes() throws {
        let folder = try ScratchFolder()
        let model = try model(folder)
        let recipe = try ScratchFolder.recipe(model) { _ in "Q4_0" }
        _ = try write(model, recipe, in: folder)
        // The first may have been put in its place before the run ended.
        for count in [0, 1, 2] {
            let files = try write(model, recipe, in: folder, resuming: true)
            for file in files.prefix(count) { try file.place() }
        }
        let files = try write(model, recipe, in: folder, resuming: true)
        for file in files { try file.place(replacing: false) }
        for file in files { file.removeJournal() }
        #expect(!folder.exists(path(1) + ".partial.journal") && !folder.exists(path(2) + ".partial"))
        let made = try Model.read(path: folder.path(path(1)))
        try folder.convert(recipe, model, to: "one.gguf")
        #expect(try data(made) == data(Model.read(path: folder.path("one.gguf"))))
    }
}
