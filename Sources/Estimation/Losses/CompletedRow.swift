import Foundation
import Sensitivity

/// The losses of one layer in all formats, measured or filled in.
struct CompletedRow {
    private let layer: LossCompletion.Layer
    /// What was measured, by format.
    private let losses: [String: MeasuredLoss]
    private let parts: [LayerMeasurements.Part]
    /// What the layer's own losses say of it, or nil where none does.
    private let known: LayerSensitivity?
    /// What is to be expected of its kind.
    private let ofKind: LayerSensitivity
    /// The variance of formats within a layer.
    private let scatter: Double

    init(
        _ layer: LossCompletion.Layer,
        losses: [String: MeasuredLoss],
        parts: [LayerMeasurements.Part],
        known: LayerSensitivity?,
        ofKind: LayerSensitivity,
        scatter: Double
    ) {
        self.layer = layer
        self.losses = losses
        self.parts = parts
        self.known = known
        self.ofKind = ofKind
        self.scatter = scatter
    }

    /// One cell per format; nil where nothing is known of it.
    ///
    /// - Parameters:
    ///   - formats: The formats of the relative errors.
    ///   - extraFormats: Those that were only measured.
    /// - Returns: The cells, in this order.
    func cells(formats: [String], extraFormats: [String]) -> [LossCompletion.Cell?] {
        formats.enumerated().map { cell(in: $1, error: layer.relativeErrors[$0]) }
            + extraFormats.map { cell(in: $0, error: nil) }
    }

    private func cell(in format: String, error: EstimatedSum?) -> LossCompletion.Cell? {
        let origin = known == nil ? LossCompletion.Origin.ofKind : .completed
        if let error, error.value.isInfinite {
            return LossCompletion.Cell(
                loss: EstimatedSum(value: .infinity, standardError: 0),
                origin: origin
            )
        }
        if let measured = losses[format] {
            let expected = error.map { expectation(in: format, error: $0) }
            return LossCompletion.Cell(
                loss: Self.measuredLoss(measured, expected: expected),
                origin: .measured
            )
        }
        return error.map {
            LossCompletion.Cell(
                loss: Self.loss(known ?? ofKind, $0, scatter: scatter, isMean: known == nil),
                origin: origin
            )
        }
    }

    /// What is expected of a format without its own measurement: what the others say, or the layers of the kind.
    private func expectation(in format: String, error: EstimatedSum) -> EstimatedSum {
        let others = parts.filter { $0.format != format }.map(\.sensitivity)
        let mean = LayerSensitivity.mean(of: others, scatter: scatter)
        return Self.loss(mean ?? ofKind, error, scatter: scatter, isMean: mean == nil)
    }

    /// The loss of a measured cell, given what is expected of it without the measurement.
    private static func measuredLoss(_ measured: MeasuredLoss, expected: EstimatedSum?) -> EstimatedSum {
        let noise = measured.standardError ?? 0
        guard !LayerSensitivity.isSure(measured), noise > 0 else {
            return EstimatedSum(value: max(0, measured.loss), standardError: noise)
        }
        guard let expected else {
            return LayerSensitivity.cutOffAtZero(mean: measured.loss, standardError: noise)
        }
        let (ofNoise, ofRest) = (noise * noise, expected.standardError * expected.standardError)
        let weight = ofRest / (ofNoise + ofRest)
        // Where the rest says little, the mean may be below zero all the same.
        let likely = LayerSensitivity.cutOffAtZero(
            mean: expected.value + weight * (measured.loss - expected.value),
            standardError: (weight * ofNoise).squareRoot()
        )
        // A measurement that says nothing makes no cell dearer than none would.
        return EstimatedSum(
            value: min(likely.value, max(expected.value, measured.loss)),
            standardError: likely.standardError
        )
    }

    /// The loss of a layer of a sensitivity in a format with a relative error: what its logarithm's mean gives, or the mean of the distribution.
    private static func loss(
        _ sensitivity: LayerSensitivity,
        _ error: EstimatedSum,
        scatter: Double,
        isMean: Bool
    ) -> EstimatedSum {
        guard error.value > 0 else { return EstimatedSum(value: 0, standardError: 0) }
        let beyondMedian =
            isMean ? min(sensitivity.variance + scatter, LossCompletion.largestVariance) / 2 : 0
        let loss = exp(sensitivity.logarithm + 2 * log(error.value) + beyondMedian)
        let sampling = 2 * error.standardError / error.value
        let variance = sensitivity.variance + scatter + sampling * sampling
        // The standard deviation of a logarithmic normal distribution, as a share of its mean.
        return EstimatedSum(value: loss, standardError: loss * expm1(min(variance, 100)).squareRoot())
    }
}
