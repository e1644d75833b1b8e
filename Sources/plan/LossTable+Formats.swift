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

    /// Whether the standard errors look like those of values of one model each, such as perplexities, not of their differences from the
    /// model as it is.
    ///
    /// Of a difference the model as it is has none; a value that is several times the errors is no difference.
    var mayHaveErrorsOfValues: Bool {
        guard let baseline = comments["baseline"].flatMap({ Double($0) }),
            comments["runtime"]?.hasPrefix("llama-perplexity,") != true,
            let error = losses.compactMap(\.standardError).min(), error > 0
        else { return false }
        return abs(baseline) >= 3 * error
    }
}
