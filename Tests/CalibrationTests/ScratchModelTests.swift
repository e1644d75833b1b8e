import Checkpoints
import Foundation
import Quantization
import Synchronization
import TestSupport
import Tensors
import Testing

@testable import Calibration

@Suite("Scratch copies")
struct ScratchModelTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    /// Writes a model of three tensors in one type.
    private func model(_ type: QuantizationFormat = .f32, seed: Int = 1) throws -> Model {
        var file = SafetensorsBytes()
        let codec = try #require(RowCodec(type))
        for (index, name) in ["a.weight", "b.weight", "c.weight"].enumerated() {
            let values = evenWeights(8 * 256, seed: seed + index)
            let bytes = try codec.encode(values.span, importance: nil)
            file.add(name, type.name, [8, 256], bytes)
        }
        return try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
    }

    private func scratch(_ model: Model, importance: ImportanceMatrix? = nil) throws -> ScratchModel {
        try ScratchModel(
            of: model,
            named: folder.path("m.safetensors"),
            in: folder.path("scratch"),
            importance: importance
        )
    }

    @Test("a file that is refused is closed once, and nothing that another thread opens is closed with it")
    func refusedOnce() throws {
        let path = try folder.write([1], "own")
        let lost = Mutex(0)
        let isDone = Mutex(false)
        DispatchQueue.concurrentPerform(iterations: 3) { part in
            guard part == 0 else {
                while !isDone.withLock({ $0 }) {
                    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                    if fcntl(descriptor, F_GETFD) < 0 || close(descriptor) != 0 { lost.withLock { $0 += 1 } }
                }
                return
            }
            for _ in 0..<20_000 {
                #expect(throws: CalibrationError.scratchIsModel(path: path)) {
                    try ScratchFile(path: path, source: path, byteCount: 1)
                }
            }
            isDone.withLock { $0 = true }
        }
        #expect(lost.withLock { $0 } == 0)
    }

    private func tensor(_ index: Int, of bytes: [UInt8], _ model: Model) -> ArraySlice<UInt8> {
        let location = model.locations[index]
        return bytes[location.offset..<location.offset + location.byteCount]
    }

    @Test(
        "the weights of one tensor become what the format makes of them, and nothing else changes",
        arguments: [QuantizationFormat.f32, .f16, .bf16],
        [QuantizationFormat.q4_0, .q3_K]
    )
    func replaces(type: QuantizationFormat, format: QuantizationFormat) throws {
        let model = try model(type)
        let original = try folder.bytes("m.safetensors")
        let scratch = try scratch(model)
        #expect(try folder.bytes("scratch/m.safetensors") == original)

        #expect(try scratch.replace([1], with: format))
        let replaced = try folder.bytes("scratch/m.safetensors")
        let source = try #require(RowCodec(type))
        let codec = try #require(RowCodec(format))
        let bytes = Array(tensor(1, of: original, model))
        var expected: [UInt8] = []
        for row in 0..<8 {
            let width = 256 * type.blockBytes
            let stored = Array(bytes[row * width..<(row + 1) * width])
            let values = try source.decode(stored.span, count: 256)
            let encoded = try codec.encode(values.span, importance: nil)
            let cast = try codec.decode(encoded.span, count: 256)
            expected += try source.encode(cast.span, importance: nil)
        }
        #expect(Array(tensor(1, of: replaced, model)) == expected)
        #expect(expected != bytes)
        for index in [0, 2] {
            #expect(tensor(index, of: replaced, model) == tensor(index, of: original, model))
        }

        #expect(try scratch.replace([0, 2], with: format))
        let others = try folder.bytes("scratch/m.safetensors")
        #expect(tensor(1, of: others, model) == tensor(1, of: original, model))
        #expect(tensor(0, of: others, model) != tensor(0, of: original, model))

        try scratch.restore()
        #expect(try folder.bytes("scratch/m.safetensors") == original)
        scratch.remove()
        #expect(!folder.exists("scratch"))
    }

    @Test(
        "a copy that was left half made, damaged or too long is mended before anything is measured",
        arguments: 0..<8
    )
    func mends(seed: Int) throws {
        let model = try model(seed: seed)
        let original = try folder.bytes("m.safetensors")
        var random = SeededGenerator(seed: seed)
        var damaged = original
        switch seed % 4 {
        case 0: damaged = Array(damaged.prefix(Int.random(in: 0..<original.count, using: &random)))
        case 1: damaged += [UInt8](repeating: 7, count: Int.random(in: 1...9_999, using: &random))
        case 2: for _ in 0..<9 { damaged[Int.random(in: 0..<original.count, using: &random)] ^= 0x55 }
        default: damaged = original.map { $0 ^ 0xFF }
        }
        try FileManager.default.createDirectory(
            atPath: folder.path("scratch"),
            withIntermediateDirectories: true
        )
        try folder.write([], "scratch/.plan-scratch")
        try folder.write(damaged, "scratch/m.safetensors")
        _ = try scratch(model)
        #expect(try folder.bytes("scratch/m.safetensors") == original)
    }

    @Test("a copy is never made onto the model, through a link, or beside another program's")
    func refusesTheModel() throws {
        let model = try model()
        let original = try folder.bytes("m.safetensors")
        #expect(throws: CalibrationError.scratchInUse(path: folder.url.path)) {
            try ScratchModel(of: model, named: model.files[0].path, in: folder.url.path)
        }
        // Even where the mark of a scratch folder has come beside the model.
        try folder.write([], ".plan-scratch")
        #expect(throws: CalibrationError.scratchIsModel(path: folder.path("m.safetensors"))) {
            try ScratchModel(of: model, named: model.files[0].path, in: folder.url.path)
        }
        try FileManager.default.createDirectory(
            atPath: folder.path("scratch"),
            withIntermediateDirectories: true
        )
        try folder.write([], "scratch/.plan-scratch")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("scratch/m.safetensors"),
            withDestinationPath: folder.path("m.safetensors")
        )
        func refuses(_ reason: String) {
            let path = folder.path("scratch/m.safetensors")
            #expect(throws: CalibrationError.cannotWrite(path: path, reason: reason)) { try scratch(model) }
        }
        refuses("too many levels of symbolic links")
        #expect(try folder.bytes("m.safetensors") == original)
        try FileManager.default.removeItem(atPath: folder.path("scratch/m.safetensors"))

        let first = try scratch(model)
        refuses("another program measures on it")
        first.remove()
    }

    @Test(
        "a folder with files of the user's is no place for a copy, and they stay",
        arguments: ["m.safetensors", "config.json", "thesis.txt"]
    )
    func sparesForeignFiles(name: String) throws {
        let model = try model()
        try FileManager.default.createDirectory(
            atPath: folder.path("scratch"),
            withIntermediateDirectories: true
        )
        let own = Array("the user's own".utf8)
        try folder.write(own, "scratch/\(name)")
        #expect(throws: CalibrationError.scratchInUse(path: folder.path("scratch"))) { try scratch(model) }
        #expect(try folder.bytes("scratch/\(name)") == own)
        try FileManager.default.removeItem(atPath: folder.path("scratch/\(name)"))
        try scratch(model).remove()
        #expect(!folder.exists("scratch"))
    }

    @Test("a format that cannot hold a weight replaces nothing")
    func refusesOverflow() throws {
        var file = SafetensorsBytes()
        var values = evenWeights(4 * 32, seed: 3)
        file.add("a.weight", [4, 32], values)
        // Beyond 448, the largest number of float8_e4m3fn.
        values[70] = 1_000
        file.add("b.weight", [4, 32], values)
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
        let scratch = try scratch(model)
        #expect(try !scratch.replace([0, 1], with: .float8_e4m3fn))
        #expect(try folder.bytes("scratch/m.safetensors") == file.bytes)
        #expect(try scratch.replace([0, 1], with: .q8_0))
        scratch.remove()
    }

    @Test("the other files of a folder are linked into the copy, and taken away with it")
    func linksNeighbours() throws {
        let model = try model()
        try folder.write(Array("{}".utf8), "config.json")
        let copy = try ScratchModel(
            of: model,
            named: folder.url.path,
            in: folder.path("scratch")
        )
        #expect(copy.path == folder.path("scratch"))
        #expect(try folder.bytes("scratch/config.json") == Array("{}".utf8))
        copy.remove()
        #expect(!folder.exists("scratch"))
        #expect(folder.exists("config.json"))
    }

    @Test("copying ends where it is told to")
    func stops() throws {
        let model = try model()
        #expect(throws: CalibrationError.interrupted) {
            try ScratchModel(
                of: model,
                named: folder.path("m.safetensors"),
                in: folder.path("scratch"),
                progress: { _ in false }
            )
        }
    }
}
