import Text
import Tensors

extension Model {
    /// Reads a model as ``read(path:)`` does, or a GGUF or safetensors file without tensors, such as one of a vocabulary alone.
    ///
    /// Nothing can be planned for a file without tensors, but what else it holds can be shown.
    ///
    /// - Parameter path: The path of the file or folder.
    /// - Returns: The model.
    /// - Throws: As ``read(path:)``.
    package static func inspecting(path: String) throws(CheckpointError) -> Model {
        do throws(CheckpointError) {
            return try read(path: path)
        } catch .noTensors(let name) {
            guard let source = try? ByteSource(path: path) else { throw .noTensors(model: name) }
            switch try FileForm(source) {
            case .gguf:
                let file = try GGUFFile(source)
                return try Model(
                    name: name,
                    tensors: [],
                    kind: .gguf,
                    architecture: file.architecture,
                    metadata: file.metadata,
                    files: [
                        ModelFile(path: path, byteCount: source.byteCount, headerByteCount: file.dataOffset)
                    ],
                    allowsNone: true
                )
            case .safetensors:
                return try Model(
                    name: name,
                    tensors: [],
                    kind: .safetensors,
                    files: [
                        ModelFile(
                            path: path,
                            byteCount: source.byteCount,
                            headerByteCount: source.byteCount
                        )
                    ],
                    allowsNone: true
                )
            case .json: throw .noTensors(model: name)
            }
        }
    }
}
