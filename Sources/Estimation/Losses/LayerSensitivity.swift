import Foundation
import Sensitivity

/// How strongly the end of a model answers to a layer: its loss divided by the square of its relative error, as a logarithm.
///
/// Within a layer losses go as the squared relative error of the format, so this is one number per layer; what is measured in
/// one format says it as well as what is measured in another.
struct LayerSensitivity: Hashable {
    /// The logarithm of loss over squared relative error.
    let logarithm: Double
    /// The variance of the logarithm that the measurement leaves.
    let variance: Double

    /// Losses below so many standard errors are taken for what they can be rather than for what they are.
    static let significance = 3.0

    /// What one measured loss says of its layer, or nil where it says nothing.
    ///
    /// A loss that noise may have made, or made negative, stands for the mean of what it can be: normal with the
    /// measured mean and standard error, cut off at zero (Johnson, Kotz and Balakrishnan, Continuous univariate
    /// distributions, volume 1, 1994, section 13.10.1).
    ///
    /// - Parameters:
    ///   - loss: The loss.
    ///   - relativeError: The relative error of the layer's output in the loss' format.
    init?(_ loss: MeasuredLoss, relativeError: Double) {
        guard relativeError > 0, relativeError.isFinite else { return nil }
        let likely = Self.cutOffAtZero(mean: loss.loss, standardError: loss.standardError ?? 0)
        let (mean, spread) = (likely.value, likely.standardError * likely.standardError)
        guard mean > 0 else { return nil }
        logarithm = log(mean) - 2 * log(relativeError)
        variance = log(1 + spread / (mean * mean))
        guard logarithm.isFinite, variance.isFinite else { return nil }
    }

    /// The mean and the standard deviation of what cannot be negative, given a normal distribution of it.
    ///
    /// - Parameters:
    ///   - mean: The mean of the normal distribution.
    ///   - error: Its standard deviation; of one of 0 the mean stays, also below zero.
    /// - Returns: Those of the distribution cut off at zero; of one that lies three standard deviations above that, its own.
    static func cutOffAtZero(mean: Double, standardError error: Double) -> EstimatedSum {
        guard error > 0, mean < significance * error else {
            return EstimatedSum(value: mean, standardError: error)
        }
        // Further below zero than noise reaches, the tail of the normal distribution is no longer a number.
        let score = max(mean / error, -30)
        let tail = 0.5 * erfc(-score / 2.0.squareRoot())
        let ratio = exp(-score * score / 2) / (2 * Double.pi).squareRoot() / tail
        return EstimatedSum(
            value: error * (score + ratio),
            standardError: error * max(0, 1 - score * ratio - ratio * ratio).squareRoot()
        )
    }

    /// Whether a loss is beyond what noise makes: at least three standard errors.
    ///
    /// One of unknown error is, unless it is negative.
    static func isSure(_ loss: MeasuredLoss) -> Bool {
        loss.loss >= significance * (loss.standardError ?? 0)
    }

    /// Creates a sensitivity.
    ///
    /// - Parameters:
    ///   - logarithm: The logarithm of loss over squared error.
    ///   - variance: Its variance.
    init(logarithm: Double, variance: Double) {
        self.logarithm = logarithm
        self.variance = variance
    }

    /// The mean of what several measurements say, each weighted by the inverse of its variance.
    ///
    /// - Parameters:
    ///   - parts: The measurements.
    ///   - scatter: A variance that each has besides its own.
    /// - Returns: The mean, or nil for none.
    static func mean(of parts: [LayerSensitivity], scatter: Double) -> LayerSensitivity? {
        guard !parts.isEmpty else { return nil }
        // Measurements without any error count alike.
        let weights = parts.map { 1 / max($0.variance + scatter, 1e-12) }
        let sum = weights.reduce(0, +)
        return LayerSensitivity(
            logarithm: zip(parts, weights).reduce(0) { $0 + $1.0.logarithm * $1.1 } / sum,
            variance: 1 / sum
        )
    }
}
