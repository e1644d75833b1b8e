import Checkpoints
import Runtimes
import Tensors

/// A converter whose safetensors files have linear modules in scaled 8-bit floats, as ComfyUI loads them.
protocol ScaledFloatConverter: Converter {}

extension ScaledFloatConverter {
    var granularity: ConverterGranularity { .module }
    var sizeAccuracy: SizeAccuracy { .approximate }
    var runtimes: [TargetRuntime] { [.comfyUI] }

    func isMarker(_ name: String) -> Bool {
        name == SafetensorsScales.marker
    }

    func storage(of format: QuantizationFormat) -> WeightStorage {
        isUntouched(format) ? .plain(format.name) : SafetensorsScales.storage(of: format)
    }

    func listing(in file: Model) -> ModuleListing? {
        ModuleListing(comfyUI: file)
    }

    func keptFormat(for tensor: TensorInfo) -> QuantizationFormat? {
        tensor.elementType ?? .bf16
    }
}
