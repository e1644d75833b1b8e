import Text

/// What the end of a model loses when one layer is cast to one format, as it was measured.
public struct MeasuredLoss: Hashable, Sendable {
    /// The layer.
    public let layer: String
    /// The format, by its canonical name.
    public let format: String
    /// The loss, in any unit; of a small one the noise of the measurement may be larger, so it may be below zero.
    public let loss: Double
    /// Its standard error, from 0 up; nil where it is not known.
    public let standardError: Double?

    /// Creates a loss.
    public init(layer: String, format: String, loss: Double, standardError: Double? = nil) {
        self.layer = layer
        self.format = format
        self.loss = loss
        self.standardError = standardError
    }

    /// The loss as a line of the project's own CSV, see ``LossTable``.
    public var csvLine: String {
        "\(layer.csvField),\(format.csvField),\(loss),\(standardError.map { "\($0)" } ?? "")\n"
    }
}
