import Text

extension Model {
    /// Whether a path leads to a model's weights: a folder with such files, a GGUF or safetensors file, or an index of such files.
    ///
    /// Other JSON, such as a recipe, has none, and neither has what is not there or cannot be read. A pipe is read to its end.
    package static func holdsTensors(path: String) -> Bool {
        do throws(CheckpointError) {
            let source = try ByteSource(wholePath: path)
            switch try FileForm(source) {
            case .gguf, .safetensors: return true
            case .json: return SafetensorsIndex.isIndex(source)
            }
        } catch .file(let error) {
            guard error.problem == .folder, let names = try? Folder.names(in: path) else { return false }
            return names.contains { $0.hasSuffix(".safetensors") || $0.hasSuffix(".gguf") }
        } catch {
            return false
        }
    }
}
