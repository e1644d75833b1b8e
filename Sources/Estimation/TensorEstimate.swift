/// What casting one tensor to each format does to its output, measured from its weights.
///
/// The casts are those of encoders that know the importance of the tensor's inputs, where there is a matrix that has it; both
/// norms are those of one and the same cast.
public struct TensorEstimate: Hashable, Sendable {
    /// The tensor's name.
    public let tensor: String

    /// The number of its rows, each of which makes one element of the output; of a convolution, the number of its filters.
    public let rowCount: Int

    /// How many of them were measured.
    public let measuredRows: Int

    /// The errors in which every input counts the same.
    public let plain: OutputErrors

    /// The errors in which an input counts as its mean square, or nil where the mean squares are not known.
    public let weighted: OutputErrors?

    /// Creates an estimate.
    public init(
        tensor: String,
        rowCount: Int,
        measuredRows: Int,
        plain: OutputErrors,
        weighted: OutputErrors? = nil
    ) {
        self.tensor = tensor
        self.rowCount = rowCount
        self.measuredRows = measuredRows
        self.plain = plain
        self.weighted = weighted
    }

    /// Whether the mean squares of its inputs were known.
    public var hasImportance: Bool { weighted != nil }

    /// The errors by a norm; those without weights where the tensor has no others.
    public func errors(by norm: ErrorNorm) -> OutputErrors {
        norm == .weighted ? weighted ?? plain : plain
    }
}
