/// What a command says of the model as it is, which is taken off every loss.
public struct CalibrationBaseline: Hashable, Sendable {
    /// The loss.
    public let loss: Double
    /// Its standard error, where the command says one that may be that of a value of one model; nil elsewhere.
    public let standardError: Double?

    /// Creates a baseline.
    public init(loss: Double, standardError: Double? = nil) {
        self.loss = loss
        self.standardError = standardError
    }

    /// From how many standard errors on a value of the model as it is says that it is no difference from that model.
    private static let significance = 3.0
    /// An error of a model with a layer cast that is below so many of the model as it is has most of its size from that.
    private static let largestShare = 2.0

    /// Whether a standard error is that of a value of one model, such as a perplexity, rather than that of the difference of two.
    ///
    /// Of a difference the model as it is has none: its loss is 0, but for noise. A perplexity of 6.2 ± 0.3 is far from 0, and its error is
    /// that of the text. With a layer cast it hardly changes, while the difference, which is of the same text, is known much better.
    ///
    /// - Parameter error: The standard error that the command says of the model with a layer cast.
    /// - Returns: Whether it says nothing of the difference.
    public func isErrorOfOneValue(_ error: Double) -> Bool {
        guard let own = standardError, own > 0 else { return false }
        return abs(loss) >= Self.significance * own && error < Self.largestShare * own
    }
}
