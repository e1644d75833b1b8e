import Sensitivity
import Tensors

extension LossTable {
    /// The formats that there are losses in and whose name is known, each once, in the order of the file.
    var formats: [QuantizationFormat] {
        var formats: [QuantizationFormat] = []
        for loss in losses {
            guard let format = QuantizationFormat(named: loss.format), !formats.contains(format) else {
                continue
            }
            formats.append(format)
        }
        return formats
    }
}
