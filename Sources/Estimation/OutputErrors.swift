/// What casting one tensor to each format does to its output, by one norm.
public struct OutputErrors: Hashable, Sendable {
    /// The size of the output itself, the sum over the weights `w²` by the norm.
    public let signal: EstimatedSum
    /// The error in the output per format, the sum over the weights `(w − q)²` by the norm, in the order of the settings'
    /// formats; nil where the format's block does not divide the row, and infinite where the format cannot hold a weight.
    public let errors: [EstimatedSum?]

    /// Creates errors.
    public init(signal: EstimatedSum, errors: [EstimatedSum?]) {
        self.signal = signal
        self.errors = errors
    }
}
