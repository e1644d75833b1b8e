public import Text

/// Why what a runtime keeps on a device cannot be told, or why the runtime would refuse.
public enum RuntimeError: Error, Hashable, Sendable {
    /// The model's file does not say what kind of network it is.
    case noNetwork(model: String)
    /// Nobody has written down what the runtime keeps for an architecture.
    case unknownCache(architecture: String, runtime: String)
    /// Neither the file nor the caller says how long the context is.
    case noContext(model: String)
    /// Lengths of context are to be compared, and what is cached of any is not known.
    case contextsAlike(model: String)
    /// The file lacks a number that the size follows from.
    case missingValue(key: String)
    /// The file says 0 for a number that the size follows from, and then there would be none.
    case nothingStated(key: String)
    /// The file has a value that no network has.
    case impossibleValue(key: String, detail: String)
    /// The runtime refuses keys and values of different formats where values are a view of the keys.
    case cacheFormatsDiffer(keys: String, values: String, architecture: String)
    /// The block of a cache's format does not divide the length of a head, or of all heads together.
    case cacheBlockDoesNotDivide(part: String, format: String, block: Int, length: Int)
    /// Quantized values need flash attention, which is off.
    case valuesNeedFlashAttention(format: String)
    /// No rule of the runtime's can move a tensor, because of its name.
    case unplaceable(tensor: String)
    /// What the runtime keeps of each block of a model is not known, so its blocks cannot be put on devices.
    case blocksNotKnown(model: String)
    /// A runtime puts no tensors where it is told to.
    case placesNothing(runtime: String)
    /// A runtime does not run the model.
    case wrongRuntime(model: String, runtime: String, others: [String])
    /// A setting of another kind of model than the runtime runs.
    case settingWithoutPart(name: String, runtime: String)
    /// A number that the caller gives is out of range.
    case settingOutOfRange(name: String, value: Int, range: ClosedRange<Int>)
}

extension RuntimeError: CategorizedError {
    /// Whether the model's file lacks what follows from it, or what was asked for is no setting of the runtime's.
    public var category: ErrorCategory {
        switch self {
        case .missingValue, .nothingStated, .impossibleValue, .unplaceable: .badData
        case .noNetwork, .unknownCache, .noContext, .contextsAlike, .cacheFormatsDiffer,
            .cacheBlockDoesNotDivide,
            .valuesNeedFlashAttention, .blocksNotKnown, .placesNothing, .wrongRuntime, .settingWithoutPart,
            .settingOutOfRange:
            .usage
        }
    }
}
