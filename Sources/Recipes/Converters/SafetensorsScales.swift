import Checkpoints
import Tensors

/// What ComfyUI's quantized safetensors files hold besides a model's own tensors: a scale for every weight in 8-bit floats,
/// and what some writers add to it.
enum SafetensorsScales {
    /// Whether a tensor of this name is one of them.
    static func isAddition(_ name: String) -> Bool {
        [".weight_scale", ".weight_scale_2", ".input_scale", ".comfy_quant"].contains(where: name.hasSuffix)
            || name.hasSuffix("scaled_fp8")
    }

    /// The file, its header and additions counted from above.
    static func finishedFile(for model: Model) -> FinishedFile {
        FinishedFile(
            SafetensorsOverhead.layout(
                for: model.tensors,
                additions: [(".weight_scale", 4), (".input_scale", 4), (".comfy_quant", 128)]
            ),
            knownTo: .approximate,
            because: "writers differ in the scales and markers that they add beside the planned weights"
        )
    }
}
