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

    /// The errors in which an input counts as its mean square, or nil where the mean squares are not known, see ``InputSource``.
    public let weighted: OutputErrors?

    /// What the end of the model loses by them according to squared gradients, or nil where there are none.
    ///
    /// That is `½ · Σ_ij r_i·c_j·(w_ij − q_ij)² / Σ_j c_j`. Losses take the place of ``weighted``.
    public let losses: OutputErrors?

    /// Whether the encoders were given an importance of its inputs.
    public let hasImportance: Bool

    /// Where the mean squares of ``weighted`` come from, or why there are none, where a matrix has no entry for the tensor, or none
    /// for some of its experts; nil where it has all, and without a matrix.
    public let inputs: InputSource?

    /// Creates an estimate; importance is known where there are weighted errors, unless it is said.
    public init(
        tensor: String,
        rowCount: Int,
        measuredRows: Int,
        plain: OutputErrors,
        weighted: OutputErrors? = nil,
        losses: OutputErrors? = nil,
        hasImportance: Bool? = nil,
        inputs: InputSource? = nil
    ) {
        self.tensor = tensor
        self.rowCount = rowCount
        self.measuredRows = measuredRows
        self.plain = plain
        self.weighted = weighted
        self.losses = losses
        self.hasImportance = hasImportance ?? (weighted != nil)
        self.inputs = inputs
    }

    /// The errors by a norm; those without weights where the tensor has no others.
    public func errors(by norm: ErrorNorm) -> OutputErrors {
        norm == .weighted ? weighted ?? plain : plain
    }
}
