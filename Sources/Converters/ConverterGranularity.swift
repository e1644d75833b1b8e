/// How finely a converter distinguishes what it quantizes.
public enum ConverterGranularity: String, CaseIterable, Hashable, Sendable {
    /// Each tensor may take a format of its own.
    case tensor
    /// The weights of one stream of a block take one format.
    case stream
    /// The weights of a whole block take one format, both streams together.
    case block
    /// Each linear module may take a format of its own.
    case module
}
