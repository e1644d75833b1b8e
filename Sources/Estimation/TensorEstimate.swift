/// What casting one tensor to each format does to its output, measured from its weights.
public struct TensorEstimate: Hashable, Sendable {
    /// The tensor's name.
    public let tensor: String

    /// The number of its rows, each of which makes one element of the output; of a convolution, the number of its filters.
    public let rowCount: Int

    /// How many of them were measured.
    public let measuredRows: Int

    /// Whether the mean squares of its inputs were known; where not, they count as 1.
    public let hasImportance: Bool

    /// The size of the output itself, `Σ_ij E[x_j²]·w_ij²`.
    public let signal: EstimatedSum

    /// The error in the output per format, `Σ_ij E[x_j²]·(w_ij − q_ij)²`, in the order of the settings' formats; nil where
    /// the format's block does not divide the row, and infinite where the format cannot hold a weight.
    public let errors: [EstimatedSum?]

    /// Creates an estimate.
    public init(
        tensor: String,
        rowCount: Int,
        measuredRows: Int,
        hasImportance: Bool,
        signal: EstimatedSum,
        errors: [EstimatedSum?]
    ) {
        self.tensor = tensor
        self.rowCount = rowCount
        self.measuredRows = measuredRows
        self.hasImportance = hasImportance
        self.signal = signal
        self.errors = errors
    }
}
