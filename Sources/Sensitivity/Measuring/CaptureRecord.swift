/// Losses and mean squares of some samples, captured while a model ran elsewhere.
///
/// The form in which a model outside this program, on any machine, hands over what it measured; ``CaptureFile`` reads it
/// from a file, and ``CaptureMerge`` adds it up.
public struct CaptureRecord: ModelCapture {
    /// The name of the model.
    public var model: String
    /// Which streams the model carries where.
    public var shape: StackShape
    /// The full width of the relative perturbation.
    public var perturbation: Double
    /// Numbers that name the samples, none of them twice; no two captures may have the same sample for the same value.
    public var samples: [Int]
    /// The losses at the end after perturbing a state: per sample, one per draw.
    public var endLosses: [HiddenState: [[Double]]] = [:]
    /// The mean square of a state, per sample.
    public var meanSquares: [HiddenState: [Double]] = [:]
    /// The loss of a cast in the layer's output, per sample; infinite or not a number where it ruins the output.
    public var castLosses: [StackMeasurement.Cast: [Double]] = [:]
    /// A fingerprint of the content, by which a capture that was added before is known again.
    public var digest: String

    /// Creates a record without values.
    public init(model: String, shape: StackShape, perturbation: Double, samples: [Int], digest: String) {
        self.model = model
        self.shape = shape
        self.perturbation = perturbation
        self.samples = samples
        self.digest = digest
    }

    /// The record as a measurement.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for what no measurement has, and values that are not one per
    ///   sample.
    public func measurement() throws(SensitivityError) -> StackMeasurement {
        var measurement = try StackMeasurement(shape: shape, perturbation: perturbation)
        // In the order of the model, so that the formats stand in the same order every time.
        for state in shape.states {
            for losses in try perSample(endLosses[state], "end losses of \(state)") {
                try measurement.addEndLosses(losses, of: state)
            }
            for value in try perSample(meanSquares[state], "mean squares of \(state)") {
                try measurement.addMeanSquare(value, of: state)
            }
        }
        for (cast, losses) in castLosses.sorted(by: { $0.key < $1.key }) {
            for loss in try perSample(losses, "losses of casting layer \(cast.layer)") {
                try measurement.addLoss(loss, of: cast)
            }
        }
        guard endLosses.keys.allSatisfy(shape.contains), meanSquares.keys.allSatisfy(shape.contains) else {
            throw .unusableMeasurement(
                "the capture has a state that the model does not have: capture it anew"
            )
        }
        return measurement
    }

    private func perSample<Value>(
        _ values: [Value]?,
        _ what: String
    ) throws(SensitivityError) -> [Value] {
        guard let values else { return [] }
        guard values.count == samples.count else {
            throw .unusableMeasurement(
                "there are \(values.count) \(what) for \(samples.count) samples: give one per sample"
            )
        }
        return values
    }

    /// Names of what the record has values for.
    public var entries: [String] {
        let states = endLosses.keys.map { "end_loss.\($0.layer).\($0.stream.rawValue)" }
        let squares = meanSquares.keys.map { "mean_square.\($0.layer).\($0.stream.rawValue)" }
        let casts = castLosses.keys.map { "cast_loss.\($0.layer).\($0.stream.rawValue).\($0.format)" }
        return (states + squares + casts).sorted()
    }
}

extension StackMeasurement.Cast: Comparable {
    /// Orders casts by layer, stream and format.
    public static func < (left: StackMeasurement.Cast, right: StackMeasurement.Cast) -> Bool {
        (left.layer, left.stream.rawValue, left.format) < (right.layer, right.stream.rawValue, right.format)
    }
}
