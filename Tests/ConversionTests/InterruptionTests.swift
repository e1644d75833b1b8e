import Checkpoints
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Conversion

/// What is left when writing ends early, and what comes of it.
@Suite struct InterruptionTests {
    private struct Prepared {
        let folder: ScratchFolder
        let model: Model

        init(seed: Int) throws {
            folder = try ScratchFolder()
            model = try Model.read(
                path: try folder.write(ScratchFolder.languageModel(seed: seed).bytes, "m.gguf")
            )
        }
    }

    /// Writes a model and ends after some number of pieces and tensors.
    private func interrupt(_ prepared: Prepared, after limit: Int) throws {
        let events = Mutex(0)
        let recipe = try ScratchFolder.recipe(prepared.model) { _ in "Q4_0" }
        let written = try prepared.folder.convert(recipe, prepared.model, to: "q.gguf") { _ in
            events.withLock {
                $0 += 1
                return $0 < limit
            }
        }
        #expect(written == nil)
        #expect(!prepared.folder.exists("q.gguf"))
    }

    @Test("a run that was ended anywhere goes on and makes the same bytes", arguments: [1, 2, 4, 7, 10])
    func resumes(limit: Int) throws {
        let prepared = try Prepared(seed: limit)
        let folder = prepared.folder
        let recipe = try ScratchFolder.recipe(prepared.model) { _ in "Q4_0" }
        try folder.convert(recipe, prepared.model, to: "whole.gguf")
        try interrupt(prepared, after: limit)
        #expect(ModelWriter.canResume(folder.path("q.gguf")))
        // What a killed program leaves in the middle of a line is passed over.
        let journal = try FileHandle(
            forWritingTo: URL(fileURLWithPath: folder.path("q.gguf.partial.journal"))
        )
        try journal.seekToEnd()
        try journal.write(contentsOf: Data(#"{"tensor": "blk"#.utf8))
        try journal.close()
        try #require(try folder.convert(recipe, prepared.model, to: "q.gguf", resuming: true) != nil)
        #expect(try folder.bytes("q.gguf") == folder.bytes("whole.gguf"))
        #expect(!folder.exists("q.gguf.partial") && !folder.exists("q.gguf.partial.journal"))
    }

    @Test("bytes that were damaged in the meantime are made again")
    func damage() throws {
        let prepared = try Prepared(seed: 3)
        let folder = prepared.folder
        let recipe = try ScratchFolder.recipe(prepared.model) { _ in "Q4_0" }
        try folder.convert(recipe, prepared.model, to: "whole.gguf")
        try interrupt(prepared, after: 9)
        var bytes = try folder.bytes("q.gguf.partial")
        let place = try Model.read(path: folder.path("whole.gguf")).files[0].headerByteCount + 40
        bytes[place] ^= 0x55
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("q.gguf.partial")))
        try file.write(contentsOf: Data(bytes))
        try file.close()
        try folder.convert(recipe, prepared.model, to: "q.gguf", resuming: true)
        #expect(try folder.bytes("q.gguf") == folder.bytes("whole.gguf"))
    }

    @Test("another recipe does not go on with what a run left")
    func otherRecipe() throws {
        let prepared = try Prepared(seed: 4)
        let folder = prepared.folder
        try interrupt(prepared, after: 5)
        let other = try ScratchFolder.recipe(prepared.model) { _ in "Q8_0" }
        #expect(
            throws: ConversionError.otherRun(
                path: folder.path("q.gguf.partial"),
                what: "recipe or model"
            )
        ) {
            try folder.convert(other, prepared.model, to: "q.gguf", resuming: true)
        }
    }

    @Test("a model that is written to in the meantime is an error, and nothing is left")
    func changes() throws {
        let prepared = try Prepared(seed: 5)
        let folder = prepared.folder
        let recipe = try ScratchFolder.recipe(prepared.model) { _ in "Q4_0" }
        let source = folder.path("m.gguf")
        #expect(throws: ConversionError.checkpoint(.fileChanged(path: source))) {
            try folder.convert(recipe, prepared.model, to: "q.gguf") { event in
                if case .tensor = event {
                    try? FileManager.default.setAttributes(
                        [.modificationDate: Date(timeIntervalSince1970: 1_000_000)],
                        ofItemAtPath: source
                    )
                }
                return true
            }
        }
        #expect(!folder.exists("q.gguf") && !folder.exists("q.gguf.partial"))
    }

    @Test("a model that became shorter is an error before anything is written")
    func truncated() throws {
        let prepared = try Prepared(seed: 6)
        let folder = prepared.folder
        let recipe = try ScratchFolder.recipe(prepared.model) { _ in "Q4_0" }
        try folder.write(Array(try folder.bytes("m.gguf").dropLast(10_000)), "m.gguf")
        #expect(throws: ConversionError.checkpoint(.fileChanged(path: folder.path("m.gguf")))) {
            try folder.convert(recipe, prepared.model, to: "q.gguf")
        }
        #expect(!folder.exists("q.gguf.partial"))
    }

    @Test(
        "a weight that is no number is named by its place, and nothing is left",
        arguments: [Float.nan, .infinity, -.infinity],
        ["Q4_0", "Q8_0", "F16"]
    )
    func malformed(value: Float, format: String) throws {
        let folder = try ScratchFolder()
        let file = ScratchFolder.languageModel(seed: 7) { $0[3 * 256 + 17] = value }
        let model = try Model.read(path: try folder.write(file.bytes, "m.gguf"))
        let recipe = try ScratchFolder.recipe(model) { _ in format }
        #expect(
            throws: ConversionError.weight(
                tensor: "blk.1.attn_q.weight",
                row: 3,
                column: 17,
                value: "\(value)"
            )
        ) {
            try folder.convert(recipe, model, to: "q.gguf")
        }
        #expect(!folder.exists("q.gguf") && !folder.exists("q.gguf.partial"))
    }

    @Test("weights that a format cannot hold are an error")
    func overflow() throws {
        let folder = try ScratchFolder()
        let file = ScratchFolder.languageModel(seed: 8) { $0[5 * 256] = 1e30 }
        let model = try Model.read(path: try folder.write(file.bytes, "m.gguf"))
        let recipe = try ScratchFolder.recipe(model) { _ in "F16" }
        #expect(
            throws: ConversionError.overflow(tensor: "blk.1.attn_q.weight", row: 5, format: "F16")
        ) {
            try folder.convert(recipe, model, to: "q.gguf")
        }
    }

    @Test("a folder that is not there, or is none, is an error", arguments: ["none/q.gguf", "m.gguf/q.gguf"])
    func places(name: String) throws {
        let prepared = try Prepared(seed: 9)
        let recipe = try ScratchFolder.recipe(prepared.model) { _ in "Q4_0" }
        do {
            try prepared.folder.convert(recipe, prepared.model, to: name)
            Issue.record("it was written")
        } catch ConversionError.cannotWrite(let path, _) {
            #expect(path == prepared.folder.path(name))
        }
    }
}
