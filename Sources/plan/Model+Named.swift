import Checkpoints
import Tensors

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
        } catch CheckpointError.noSuchFile(let path) {
            let known = builtInNames.joined(separator: ", ")
            throw Failure(
                code: Failure.noInput,
                message:
                    "there is no model file at '\(path)', nor is it the name of a built-in model (\(known))"
            )
        }
    }

    /// The format that layers stay in at no cost: the type of most weights.
    ///
    /// A model that does not say its types is taken to be in BF16.
    var sourceFormat: QuantizationFormat {
        var elements: [QuantizationFormat: Int] = [:]
        for tensor in tensors where tensor.dimensionCount > 1 {
            guard let type = tensor.elementType, type.isWeightFormat else { continue }
            elements[type, default: 0] += tensor.elementCount
        }
        let most = elements.max { ($0.value, $1.key.name) < ($1.value, $0.key.name) }?.key
        return most ?? .bf16
    }

    /// The header of a GGUF file made from the model: its own metadata, or those that ComfyUI-GGUF's converter writes.
    var header: GGUFHeader {
        get throws {
            metadata.isEmpty ? .flux() : try GGUFHeader(metadata: metadata)
        }
    }
}
