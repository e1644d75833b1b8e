public import Recipes

/// How well a recipe's `size.bytes` foretells the size of what a converter makes.
///
/// It holds for a plan that was made for the converter, with tensors kept in the formats that the converter gives them.
public enum SizeAccuracy: String, CaseIterable, Hashable, Sendable {
    /// The whole file is known to the byte.
    case exact
    /// The tensors' data are known to the byte, the file's header is not: the converter writes its own metadata.
    case tensorData
    /// The planned weights are known to the byte; the converter treats small tensors in its own way or adds some.
    case approximate
}

extension SizeAccuracy {
    /// What is known of a file, or of what its converter makes at best.
    ///
    /// - Parameters:
    ///   - file: What is known of the finished file, or nil.
    ///   - converter: What makes it, or nil.
    public init(of file: FinishedFile?, by converter: (any Converter)?) {
        self = file?.accuracy ?? converter?.sizeAccuracy ?? .exact
    }

    /// What is known to the byte, as a recipe names it.
    public var exactness: Recipe.Size.Exactness {
        switch self {
        case .exact: .file
        case .tensorData: .tensorData
        case .approximate: .plannedLayers
        }
    }
}
