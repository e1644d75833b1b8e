import Checkpoints
import Tensors

/// A converter of llama.cpp's family, which decides for each tensor and knows by name what it never quantizes.
protocol LlamaConverter: RuleConverter {}

extension LlamaConverter {
    var granularity: ConverterGranularity { .tensor }
    var exclusions: String { "1-D tensors, norms, routers, names that do not end in weight" }

    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        LlamaTensors.neverQuantized(tensor)
    }

    func keptFormat(for tensor: TensorInfo) -> QuantizationFormat? {
        neverQuantizes(tensor) ? tensor.elementType : nil
    }

    func finishedFile(for model: Model, formats: [QuantizationFormat]) throws(CheckpointError) -> FinishedFile
    {
        try .copyingMetadata(of: model, formats: formats)
    }
}
