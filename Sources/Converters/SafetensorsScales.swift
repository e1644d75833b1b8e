import Checkpoints
import Tensors

/// What ComfyUI's quantized safetensors files hold besides a model's own tensors: a scale for every weight in 8-bit floats,
/// and what some writers add to it.
enum SafetensorsScales {
    /// The name of a tensor by which some writers mark the whole file.
    static let marker = "scaled_fp8"

    /// A weight in 8-bit floats: one scale, and where the writer adds them the input's scale and the format as text.
    ///
    /// ComfyUI multiplies by one 32-bit float for the whole weight in the formats `float8_e4m3fn` and `float8_e5m2`.
    static func storage(of format: QuantizationFormat) -> WeightStorage {
        WeightStorage(
            type: format.elementFormat.name,
            packing: nil,
            companions: [
                .init(ending: ".weight_scale", types: ["F32"], extent: .single, isRequired: true),
                .init(ending: ".input_scale", types: ["F32"], extent: .single, isRequired: false),
                .init(ending: ".comfy_quant", types: ["U8"], extent: .any, isRequired: false),
            ]
        )
    }

    /// The file that convert_to_quant makes, its header and additions counted from above.
    static func finishedFile(for model: Model) -> FinishedFile {
        FinishedFile(
            SafetensorsOverhead.layout(
                for: model,
                additions: [
                    .init(ending: ".weight_scale", byteCount: 4), .init(ending: ".input_scale", byteCount: 4),
                    .init(ending: ".comfy_quant", byteCount: 128),
                ],
                isListed: true
            ),
            knownTo: .approximate,
            because: "convert_to_quant adds scales and markers of its own beside the planned weights"
        )
    }
}
