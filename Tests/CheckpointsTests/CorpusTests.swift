import Foundation
import TestSupport
import Testing
import Text

@testable import Checkpoints

struct CorpusTests {
    /// The readers whose inputs `Fuzz/Corpus` holds.
    enum Reader: String, CaseIterable {
        case gguf, safetensors, index, inventory

        func read(_ source: ByteSource, _ bytes: [UInt8]) throws(CheckpointError) {
            switch self {
            case .gguf: _ = try Model.gguf(source)
            case .safetensors: _ = try Model.safetensors(source)
            case .index: _ = try SafetensorsIndex(source)
            case .inventory: _ = try InventoryReader.read(bytes, from: source.path)
            }
        }
    }

    @Test(
        "every file that fuzzing begins with gives a model or an error, as its name says",
        arguments: Reader.allCases
    )
    func replay(reader: Reader) throws {
        let files = try FuzzCorpus(reader.rawValue).files
        #expect(files.count >= 10)
        for file in files {
            let name = file.name
            let bytes = file.bytes
            var message: String?
            do throws(CheckpointError) {
                try reader.read(ByteSource(bytes: bytes, path: name), bytes)
            } catch {
                message = error.description
            }
            #expect((message == nil) == file.isGood, "\(name): \(message ?? "no error")")
            // The header alone, as if the data were far longer, must not crash either.
            try? reader.read(ByteSource(bytes: bytes, path: name, byteCount: 1 << 40), bytes)
            // Nor must the file as it is found on a disk.
            _ = try? Model.read(path: file.url.path(percentEncoded: false))
        }
    }
}
