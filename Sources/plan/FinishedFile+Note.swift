import Converters
import Recipes

extension FinishedFile {
    /// What of the size is known to the byte and why the rest is not, for a summary; nil where all is.
    var note: String? {
        guard let uncertainty else { return nil }
        if isFilled { return "plan quantize writes exactly this size; \(uncertainty)" }
        return switch accuracy {
        case .exact: nil
        case .tensorData: "the tensors' data are exact, the rest is not: \(uncertainty)"
        case .approximate: "the planned layers' data are exact, the rest is not: \(uncertainty)"
        }
    }
}
