import Checkpoints
import Tensors
import Text

/// A file's own list of the modules that are quantized, with their formats.
public struct ModuleListing: Hashable, Sendable {
    /// The metadata key under which it stands.
    let key: String
    /// The ending of a tensor that says a module's format in its place.
    let ownMarker: String
    /// The spelling of the format by the module's name.
    let formats: [String: String]
    /// Why the list cannot be read, or nil.
    let defect: String?

    /// Reads the `_quantization_metadata` of a safetensors file for ComfyUI; a file without one lists nothing.
    init(comfyUI file: Model) {
        key = "_quantization_metadata"
        ownMarker = ".comfy_quant"
        var formats: [String: String] = [:]
        var defect: String?
        switch file.metadataValue(for: key) {
        case nil: break
        case .string(let text):
            do throws(JSONError) {
                let layers = try JSONPlace(try JSONTree.parse(text)).object().value("layers").object()
                for member in layers.members {
                    let layer = try layers.value(member.key).object()
                    formats[member.key] = try layer.optional("format")?.string() ?? "no format"
                }
            } catch {
                formats = [:]
                defect = error.problem
            }
        default: defect = "it is too long to be read"
        }
        self.formats = formats
        self.defect = defect
    }
}
