import Checkpoints
import Conversion
import Converters
import Foundation
import Recipes
import TestSupport
import Testing
import Text

/// What stands beside a finished file, and several files of one model.
@Suite struct FileRecordTests {
    private let folder: ScratchFolder
    private let model: Model
    private let recipe: Recipe

    init() throws {
        folder = try ScratchFolder()
        model = try Model.read(path: folder.write(ScratchFolder.languageModel(seed: 3).bytes, "m.gguf"))
        recipe = try ScratchFolder.recipe(model) { _ in "Q8_0" }
    }

    @Test("a record is read as it was written, of a file that is summed up whole")
    func record() throws {
        let file = try folder.write([1, 2, 3], "o.gguf")
        let sum = try #require(try FileSum(of: file))
        #expect(sum.byteCount == 3)
        #expect(sum.sha256 == "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81")
        let text = try FileRecord.text(
            of: file,
            sum,
            recipe: recipe,
            origins: ["a": "b"],
            generator: .init(version: "1.2", arguments: [])
        )
        #expect(FileRecord(of: file) == nil)
        try folder.write(Array(text.utf8), "o.gguf.json")
        let record = try #require(FileRecord(of: file))
        #expect(record.sha256 == sum.sha256 && record.version == "1.2" && record.origins == ["a": "b"])
        #expect(text.contains(try recipe.sha256()))
        let written = try #require(InspectedFile(path: FileRecord.path(of: file)))
        #expect(FileRecord.isRecord(written))
    }

    @Test(
        "what is no record is known as none",
        arguments: ["", "{}", #"{"file": {"sha256": "1"}}"#, #"{"recipe": {}, "file": {"name": "x"}}"#]
    )
    func foreign(text: String) throws {
        let file = try #require(InspectedFile(bytes: Array(text.utf8)))
        #expect(!FileRecord.isRecord(file))
    }

    @Test("what is no record is none, and a sum that is ended is none")
    func others() throws {
        try folder.write(Array(#"{"file": {"sha256": "1"}}"#.utf8), "x.json")
        #expect(FileRecord(of: folder.path("x")) == nil)
        #expect(try FileSum(of: folder.path("m.gguf")) { _ in false } == nil)
    }

    @Test("files are placed together, under the names of split models")
    func files() throws {
        let paths = ModelFiles.paths(folder.path("q.GGUF"), count: 1)
        #expect(paths == [folder.path("q-00001-of-00001.gguf")])
        let drafts = try ModelContainer.gguf.drafts(
            recipe,
            model: model,
            importance: nil,
            isRecorded: false,
            isSplit: false
        )
        let files = try ModelFiles(paths, drafts, of: model)
        #expect(!files.areWritten && files.resumable.isEmpty)
        // A file is locked as long as what wrote it is there.
        do {
            let whole = try #require(try files.writeBeside(resuming: false))
            #expect(!FileManager.default.fileExists(atPath: paths[0]))
            #expect(whole.origins(ofFile: 0) == whole.written.origins && !whole.written.origins.isEmpty)
            try whole.synchronize()
            try whole.place(replacing: false)
            whole.removeJournals()
        }
        #expect(files.areWritten && files.resumable.isEmpty)
    }
}
