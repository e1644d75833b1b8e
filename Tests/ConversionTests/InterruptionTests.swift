import Checkpoints
import Foundation
import Synchronization
import Tensors
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

    @Test(
        "finished tensors whose weights were written to since are made again, whatever time and size their file has",
        arguments: [false, true]
    )
    func otherSource(isChanged: Bool) throws {
        let prepared = try Prepared(seed: 5)
        let folder = prepared.folder
        let recipe = try ScratchFolder.recipe(prepared.model) { _ in "Q4_0" }
        try interrupt(prepared, after: 9)
        #expect(try journal(folder).count > 3)
        let path = folder.path("m.gguf")
        try touch(folder.path("time"), asOf: path)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        // A sign at the beginning of every tensor that is not looked at as a whole, which no sample of it holds.
        let model = prepared.model
        let large = zip(model.tensors, model.locations).filter { $1.byteCount > 1_024 }
        for (_, location) in large where isChanged {
            try file.seek(toOffset: UInt64(location.offset + 3))
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: UInt64(location.offset + 3))
            try file.write(contentsOf: Data([byte ^ 0x80]))
        }
        try file.close()
        try touch(path, asOf: folder.path("time"))
        let lines = try journal(folder)
        let remade = large.count { tensor, _ in lines.contains { $0.contains("\"\(tensor.name)\"") } }
        #expect(remade > 0)
        let begun = Mutex<Int?>(nil)
        try folder.convert(recipe, prepared.model, to: "q.gguf", resuming: true) { _ in
            let text = try? String(contentsOfFile: folder.path("q.gguf.partial.journal"), encoding: .utf8)
            begun.withLock { $0 = text?.split(separator: "\n").count ?? $0 }
            return true
        }
        try folder.convert(recipe, prepared.model, to: "whole.gguf")
        #expect(try folder.bytes("q.gguf") == folder.bytes("whole.gguf"))
        // Where only the file's own record changed, nothing is made again.
        #expect(begun.withLock { $0 } == 1 + model.tensors.count + (isChanged ? remade : 0))
    }

    /// Gives a file the time of another one, and makes it if need be.
    private func touch(_ path: String, asOf other: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["touch", "-r", other, path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    /// The lines of the journal that a run left.
    private func journal(_ folder: ScratchFolder) throws -> [Substring] {
        String(decoding: try folder.bytes("q.gguf.partial.journal"), as: UTF8.self).split(separator: "\n")
    }

    @Test(
        "a line of the journal that is damaged costs its own tensor only",
        arguments: [#"{"tensor": "blk"#, "\u{0}\u{0}", ""]
    )
    func damagedJournal(damage: String) throws {
        let prepared = try Prepared(seed: 3)
        let folder = prepared.folder
        let recipe = try ScratchFolder.recipe(prepared.model) { _ in "Q4_0" }
        let whole = try folder.convert(recipe, prepared.model, to: "whole.gguf")
        try interrupt(prepared, after: 9)
        var lines = try journal(folder).map(String.init)
        try #require(lines.count > 3)
        let last = try #require(lines.last)
        lines[1] = damage.isEmpty ? lines[1].replacing(/"sums": ?\[/, with: "\"sums\": [1") : damage
        try folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), "q.gguf.partial.journal")
        let events = Mutex<[String]>([])
        let again = try folder.convert(recipe, prepared.model, to: "q.gguf", resuming: true) { _ in
            let text = try? String(contentsOfFile: folder.path("q.gguf.partial.journal"), encoding: .utf8)
            events.withLock { $0.append(text ?? "") }
            return true
        }
        // What the other lines say is gone on with, and none of them is written again.
        let final = try #require(events.withLock { $0.last })
        #expect(final.split(separator: "\n").count { $0 == last } == 1)
        #expect(again?.sums == whole?.sums)
        #expect(try folder.bytes("q.gguf") == folder.bytes("whole.gguf"))
    }

    // MARK: In its place

    /// A model that is whole and not yet in its place.
    private func unplaced(_ prepared: Prepared, resuming: Bool = false) throws -> UnplacedModel {
        let recipe = try ScratchFolder.recipe(prepared.model) { _ in "Q4_0" }
        let draft = try ModelDraft.gguf(recipe, model: prepared.model, importance: nil)
        let writer = try ModelWriter(draft, of: prepared.model)
        let path = prepared.folder.path("q.gguf")
        return try #require(try writer.writeBeside(path, resuming: resuming))
    }

    /// Puts a model in its place as a run does that ends then.
    private func placed(_ prepared: Prepared) throws -> WrittenModel {
        let model = try unplaced(prepared)
        try model.synchronize()
        try model.place(replacing: false)
        return model.written
    }

    @Test(
        "a run that ended after the file was put in its place goes on, with both of its names or one",
        arguments: [false, true]
    )
    func resumesInPlace(hasBothNames: Bool) throws {
        let prepared = try Prepared(seed: 11)
        let folder = prepared.folder
        let first = try placed(prepared)
        let bytes = try folder.bytes("q.gguf")
        #expect(!folder.exists("q.gguf.partial") && folder.exists("q.gguf.partial.journal"))
        if hasBothNames {
            try FileManager.default.linkItem(
                atPath: folder.path("q.gguf"),
                toPath: folder.path("q.gguf.partial")
            )
        }
        #expect(ModelWriter.isPlaced(folder.path("q.gguf")))
        let again = try unplaced(prepared, resuming: true)
        #expect(again.written.sums == first.sums)
        #expect(again.written.origins == first.origins)
        try again.place(replacing: false)
        again.removeJournal()
        #expect(try folder.bytes("q.gguf") == bytes)
        #expect(!folder.exists("q.gguf.partial") && !folder.exists("q.gguf.partial.journal"))
    }

    @Test("what stands in the place and is not what the run put there is left as it is", arguments: 0...2)
    func otherInPlace(kind: Int) throws {
        let prepared = try Prepared(seed: 12)
        let folder = prepared.folder
        try unplaced(prepared).place()
        var bytes = try folder.bytes("q.gguf")
        switch kind {
        case 0: bytes = Array("precious".utf8)
        case 1: bytes[bytes.count - 40] ^= 1
        default: bytes[30] ^= 1
        }
        try folder.write(bytes, "q.gguf")
        #expect(throws: ConversionError.notOfThisRun(path: folder.path("q.gguf"))) {
            try unplaced(prepared, resuming: true)
        }
        #expect(try folder.bytes("q.gguf") == bytes)
    }

    @Test("a file that came to stand in the place is not replaced, and an empty one is")
    func cameMeanwhile() throws {
        let prepared = try Prepared(seed: 13)
        let folder = prepared.folder
        let model = try unplaced(prepared)
        try folder.write(Array("precious".utf8), "q.gguf")
        #expect(throws: ConversionError.cameMeanwhile(path: folder.path("q.gguf"))) {
            try model.place(replacing: false)
        }
        #expect(try folder.bytes("q.gguf") == Array("precious".utf8))
        #expect(folder.exists("q.gguf.partial"))
        try folder.write([], "q.gguf")
        try model.place(replacing: false)
        #expect(try folder.bytes("q.gguf").count == model.written.draft.byteCount)
    }

    @Test("what was written and taken away, or replaced by another file, is not put in the place")
    func gone() throws {
        let prepared = try Prepared(seed: 14)
        let folder = prepared.folder
        let model = try unplaced(prepared)
        try FileManager.default.removeItem(atPath: folder.path("q.gguf.partial"))
        for replaced in [false, true] {
            if replaced { try folder.write([1, 2, 3], "q.gguf.partial") }
            #expect(throws: ConversionError.unfinishedGone(path: folder.path("q.gguf.partial"))) {
                try model.place()
            }
            #expect(!folder.exists("q.gguf"))
        }
    }

    @Test("a file that is replaced keeps its permissions, and a link leads to what is written")
    func rights() throws {
        let prepared = try Prepared(seed: 15)
        let folder = prepared.folder
        let manager = FileManager.default
        try folder.write([1], "q.gguf")
        try manager.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.path("q.gguf"))
        let recipe = try ScratchFolder.recipe(prepared.model) { _ in "Q4_0" }
        try folder.convert(recipe, prepared.model, to: "q.gguf")
        var status = stat()
        #expect(stat(folder.path("q.gguf"), &status) == 0 && status.st_mode & 0o777 == 0o640)
        // The link leads to no file yet.
        try manager.createDirectory(atPath: folder.path("there"), withIntermediateDirectories: false)
        try manager.createSymbolicLink(
            atPath: folder.path("l.gguf"),
            withDestinationPath: "there/r.gguf"
        )
        try folder.convert(recipe, prepared.model, to: "l.gguf")
        #expect(try manager.destinationOfSymbolicLink(atPath: folder.path("l.gguf")) == "there/r.gguf")
        #expect(try folder.bytes("there/r.gguf") == folder.bytes("q.gguf"))
        #expect(try folder.names("there") == ["r.gguf"])
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
        ["Q4_0", "Q8_0", "F16", "BF16"]
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

    @Test("what stays as it is is looked at as well", arguments: [Float.nan, .infinity, -.infinity])
    func malformedNorm(value: Float) throws {
        let folder = try ScratchFolder()
        let file = ScratchFolder.languageModel(seed: 7, changeNorm: { $0[211] = value })
        let model = try Model.read(path: try folder.write(file.bytes, "m.gguf"))
        let recipe = try ScratchFolder.recipe(model) { _ in "Q4_0" }
        #expect(
            throws: ConversionError.weight(
                tensor: "blk.1.attn_norm.weight",
                row: 0,
                column: 211,
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
