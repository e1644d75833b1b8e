import Checkpoints
import Foundation
import Tensors

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
            let data = Data(text.utf8)
            if JSONDepth.exceedsLimit(data) {
                defect = "it is nested too deep"
            } else if let document = try? JSONDecoder().decode(Document.self, from: data) {
                formats = document.layers.mapValues { $0.format ?? "no format" }
            } else {
                defect = "it is no JSON with layers"
            }
        default: defect = "it is too long to be read"
        }
        self.formats = formats
        self.defect = defect
    }

    private struct Document: Decodable {
        struct Layer: Decodable {
            var format: String?
        }
        var layers: [String: Layer]
    }
}
