import Text

/// The form of a model file, recognised by what it begins with, whatever its name.
enum FileForm {
    case gguf
    case safetensors
    case json

    init(_ source: ByteSource) throws(CheckpointError) {
        let beginning = try source.beginning(64)
        if beginning.starts(with: Array("GGUF".utf8)) {
            self = .gguf
        } else if beginning.count > 8, beginning[4..<8].allSatisfy({ $0 == 0 }), beginning[8] == 0x7B {
            // A header's length that takes four bytes at most leaves four zeros, which no JSON has.
            self = .safetensors
        } else if let first = beginning.withoutMark.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }),
            first == 0x7B || first == 0x5B
        {
            self = .json
        } else if beginning.count > 8, beginning[8] == 0x7B {
            self = .safetensors
        } else {
            let shown = String(decoding: beginning.prefix(8), as: UTF8.self)
            throw .unrecognizedFile(path: source.path, beginning: shown)
        }
    }
}
