import Checkpoints
import Tensors
import Text

extension Model {
    /// A built-in model, or the one in a file: GGUF, safetensors (one file, or shards with their index), or an inventory.
    ///
    /// - Parameters:
    ///   - name: The name or the path.
    ///   - allowsNone: Whether it may be a file without tensors.
    /// - Returns: The model.
    /// - Throws: ``Failure``, and `CheckpointError`.
    static func named(_ name: String, allowsNone: Bool = false) throws -> Model {
        if builtInNames.contains(name) {
            return try builtIn(named: name)
        }
        do {
            return try allowsNone ? inspecting(path: name) : read(path: name)
        } catch {
            guard case .file(let file) = error, file.problem == .missing else {
                throw error
            }
            let known = builtInNames.joined(separator: ", ")
            throw Failure(
                code: Failure.noInput,
                message:
                    "there is no model file at \(file.path.quoted), nor is it the name of a built-in model (\(known))"
            )
        }
    }
}
