import Foundation
import Tensors
import TestSupport
import Testing
import Text

@testable import Checkpoints

struct ModelReadingTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func safetensors(_ name: String) -> [UInt8] {
        let header = #"{"\#(name)":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}}"#
        return GGUFBytes.number(UInt64(header.utf8.count)) + Array(header.utf8) + [0, 0, 0, 0]
    }

    private func index(_ map: String) -> [UInt8] {
        Array(#"{"weight_map":{\#(map)}}"#.utf8)
    }

    private func part(_ number: UInt16, of count: UInt16, tensors: Int32 = 2, tensor: String) -> [UInt8] {
        var file = GGUFBytes()
        if number == 0 { file.add("general.architecture", .string, GGUFBytes.text("flux")) }
        file.add("split.no", .uint16, GGUFBytes.number(number))
        file.add("split.count", .uint16, GGUFBytes.number(count))
        file.add("split.tensors.count", .int32, GGUFBytes.number(tensors))
        file.add(tensor: tensor, [1])
        file.dataByteCount = 32
        return file.bytes
    }

    @Test("a file is recognised by what it begins with, whatever its name")
    func forms() throws {
        let inventory = Array(#" {"model": "m", "tensors": [{"name": "w", "shape": [2]}]}"#.utf8)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let gguf = try folder.write(GGUFBytes.twoTensors.bytes, "gguf.json")
        #expect(try Model.read(path: gguf).kind == .gguf)
        #expect(try Model.read(path: folder.write(safetensors("a"), "a.gguf")).kind == .safetensors)
        #expect(try Model.read(path: folder.write(inventory, "a.safetensors")).kind == .inventory)
        #expect(try Model.read(path: folder.write(mark + inventory, "b")).name == "m")
    }

    @Test("a file that is no model says what it begins with")
    func unrecognized() throws {
        for beginning in ["", "PK\u{3}\u{4}", "GG"] {
            let path = try folder.write(Array(beginning.utf8), "f")
            #expect(throws: CheckpointError.unrecognizedFile(path: path, beginning: beginning)) {
                try Model.read(path: path)
            }
        }
        let empty = CheckpointError.unrecognizedFile(path: "f", beginning: "").description
        #expect(empty.contains("\"f\" is empty") && !empty.contains("begins with"))
        for path in [folder.path("no"), "", "a\0b"] {
            #expect(throws: CheckpointError.file(FileError(path: path, .missing))) {
                try Model.read(path: path)
            }
        }
    }

    @Test("an index is one whose name of the map is written with escapes, too")
    func escapedIndex() throws {
        try folder.write(safetensors("w"), "m-00001-of-00001.safetensors")
        let escaped = #"{"weight\u005fmap":{"w":"m-00001-of-00001.safetensors"}}"#
        let path = try folder.write(Array(escaped.utf8), "m.safetensors.index.json")
        #expect(try Model.read(path: path).tensors.map(\.name) == ["w"])
        let other = #"{"model": "weight\\map", "tensors": [{"name": "weight_map", "shape": [2]}]}"#
        let inventory = try folder.write(Array(other.utf8), "i.json")
        #expect(try Model.read(path: inventory).tensors.map(\.name) == ["weight_map"])
    }

    @Test("every part of a split GGUF file gives the whole model")
    func splitFile() throws {
        let first = try folder.write(part(0, of: 2, tensor: "b"), "m-00001-of-00002.gguf")
        let second = try folder.write(part(1, of: 2, tensor: "a"), "m-00002-of-00002.gguf")
        let model = try Model.read(path: first)
        #expect(model.name == "m")
        #expect(model.architecture == "flux")
        #expect(model.tensors.map(\.name) == ["b", "a"])
        #expect(model.locations.map(\.file) == [0, 1])
        #expect(model.files.map(\.path) == [first, second])
        #expect(model.metadata.map(\.key) == ["general.architecture"])
        #expect(try Model.read(path: second) == model)
    }

    @Test("a part that is missing, wrong or of another split is an error that names it")
    func wrongParts() throws {
        let first = try folder.write(part(0, of: 2, tensor: "b"), "m-00001-of-00002.gguf")
        let second = folder.path("m-00002-of-00002.gguf")
        #expect(throws: CheckpointError.missingShard(path: second, namedBy: first)) {
            try Model.read(path: first)
        }

        try folder.write(part(0, of: 2, tensor: "a"), "m-00002-of-00002.gguf")
        let number = CheckpointError.shardNumberDisagrees(
            path: second,
            number: 0,
            count: 2,
            expectedNumber: 1,
            expectedCount: 2
        )
        #expect(throws: number) { try Model.read(path: first) }

        try folder.write(GGUFBytes.twoTensors.bytes, "m-00002-of-00002.gguf")
        #expect(throws: CheckpointError.notAShard(path: second)) { try Model.read(path: first) }

        try folder.write(part(1, of: 2, tensor: "b"), "m-00002-of-00002.gguf")
        #expect(throws: CheckpointError.duplicateTensor("b", model: "m")) { try Model.read(path: first) }

        try folder.write(part(0, of: 2, tensors: 3, tensor: "b"), "m-00001-of-00002.gguf")
        try folder.write(part(1, of: 2, tensors: 3, tensor: "a"), "m-00002-of-00002.gguf")
        #expect(throws: CheckpointError.shardTensorsDisagree(path: first, stated: 3, counted: 2)) {
            try Model.read(path: first)
        }
    }

    @Test(
        "a folder with models of two kinds names both, but for a folder of Hugging Face and what was made of it"
    )
    func twoKinds() throws {
        try folder.write(safetensors("a"), "model.safetensors")
        try folder.write(GGUFBytes.twoTensors.bytes, "m.gguf")
        #expect(
            throws: CheckpointError.severalModels(
                path: folder.url.path,
                names: ["m.gguf", "model.safetensors"]
            )
        ) { try Model.read(path: folder.url.path) }
        try folder.write(Array("{}".utf8), "config.json")
        #expect(try Model.read(path: folder.url.path).kind == .safetensors)
    }

    @Test("a folder with one part of a split GGUF file is told which part is missing")
    func lonePart() throws {
        let second = try folder.write(part(1, of: 2, tensor: "a"), "m-00002-of-00002.gguf")
        let error = try #require(throws: CheckpointError.self) { try Model.read(path: second) }
        #expect(throws: error) { try Model.read(path: folder.url.path) }
        #expect("\(error)".contains("m-00001-of-00002.gguf"))
    }

    @Test("the only file of a Hugging Face folder is called as the folder is, where that is named")
    func usualName() throws {
        let path = try folder.write(safetensors("a"), "model.safetensors")
        #expect(try Model.read(path: folder.url.path).name == FilePath(folder.url.path).name)
        #expect(try Model.read(path: folder.url.path + "/").name == FilePath(folder.url.path).name)
        #expect(try Model.read(path: path).name == "model")
        try FileManager.default.moveItem(atPath: path, toPath: folder.path("fine-tune.safetensors"))
        #expect(try Model.read(path: folder.url.path).name == "fine-tune")
    }

    @Test(
        "in the cache of Hugging Face a model has its own name, and a folder that only looks like it that of the commit",
        arguments: [
            ("models--org--Llama-3.2-1B/snapshots/4e20de36", "Llama-3.2-1B"),
            ("models--org--a--b/snapshots/4e20de36", "a--b"), ("models--org/snapshots/4e20de36", "4e20de36"),
            ("models--org--m/others/4e20de36", "4e20de36"),
        ]
    )
    func cached(path: String, name: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder.path(path),
            withIntermediateDirectories: true
        )
        try folder.write(safetensors("a"), path + "/model.safetensors")
        #expect(try Model.read(path: folder.path(path)).name == name)
        #expect(try Model.read(path: folder.path(path) + "/").name == name)
    }

    @Test("an index, its folder and each of its files give the whole model, called as the folder is")
    func sharded() throws {
        let a = try folder.write(safetensors("a"), "model-00002-of-00002.safetensors")
        let b = try folder.write(safetensors("b"), "model-00001-of-00002.safetensors")
        let map = #""a":"model-00002-of-00002.safetensors","b":"model-00001-of-00002.safetensors""#
        let path = try folder.write(index(map), "model.safetensors.index.json")
        let model = try Model.read(path: path)
        #expect(model.kind == .safetensors)
        #expect(model.name == FilePath(folder.url.path).name)
        #expect(model.tensors.map(\.name) == ["b", "a"])
        #expect(model.files.map(\.path) == [b, a])
        #expect(model.locations.map(\.file) == [0, 1])
        for other in [folder.url.path, folder.url.path + "/", a, b] {
            #expect(try Model.read(path: other).digest == model.digest)
        }
    }

    @Test("an index that does not agree with its files is an error that names the tensor")
    func wrongIndex() throws {
        let x = try folder.write(safetensors("a"), "x.safetensors")
        let name = "m.safetensors.index.json"
        let path = try folder.write(index(#""a":"x.safetensors","b":"x.safetensors""#), name)
        #expect(throws: CheckpointError.tensorNotInShard("b", shard: x, index: path)) {
            try Model.read(path: path)
        }
        try folder.write(index(#""a":"y.safetensors""#), name)
        let missing = CheckpointError.missingShard(path: folder.path("y.safetensors"), namedBy: path)
        #expect(throws: missing) { try Model.read(path: path) }
        let y = try folder.write(safetensors("b"), "y.safetensors")
        #expect(throws: CheckpointError.tensorNotInIndex("b", shard: y, index: path)) {
            try Model.read(path: path)
        }
        try folder.write(index(#""b":"y.safetensors","c":"x.safetensors""#), name)
        #expect(throws: CheckpointError.tensorNotInIndex("a", shard: x, index: path)) {
            try Model.read(path: path)
        }
    }

    @Test("a folder must make clear what is to be read")
    func folders() throws {
        #expect(throws: CheckpointError.noModelInFolder(path: folder.url.path)) {
            try Model.read(path: folder.url.path)
        }
        try folder.write(safetensors("a"), "model.safetensors")
        #expect(try Model.read(path: folder.url.path).name == FilePath(folder.url.path).name)
        try folder.write(safetensors("b"), "other.safetensors")
        let both = ["model.safetensors", "other.safetensors"]
        #expect(throws: CheckpointError.severalModels(path: folder.url.path, names: both)) {
            try Model.read(path: folder.url.path)
        }
        try folder.write(index(""), "a.safetensors.index.json")
        try folder.write(index(""), "b.safetensors.index.json")
        let names = ["a.safetensors.index.json", "b.safetensors.index.json"]
        #expect(throws: CheckpointError.severalIndexes(path: folder.url.path, names: names)) {
            try Model.read(path: folder.url.path)
        }
    }

    @Test("of a large file only the header is read")
    func sparseFile() throws {
        var file = GGUFBytes()
        file.add(tensor: "w", [1 << 20, 20_000], type: 30)
        let path = try folder.write(file.bytes, "large.gguf")
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: UInt64(file.bytes.count + 2 * 20_000 << 20))
        try handle.close()
        var model: Model?
        let duration = try ContinuousClock().measure { model = try Model.read(path: path) }
        #expect(model?.fileByteCount == file.bytes.count + 2 * 20_000 << 20)
        // A hundredth of the time it would take to read the data.
        #expect(duration < .seconds(1))
    }

    @Test("a pipe or a device may hold an inventory, and is read from its beginning")
    func devices() {
        #expect(throws: CheckpointError.unrecognizedFile(path: "/dev/null", beginning: "")) {
            try Model.read(path: "/dev/null")
        }
    }
}
