/// What was measured of some samples while a model ran elsewhere; captures of one model are added up by ``CaptureMerge``.
public protocol ModelCapture: Hashable, Sendable {
    /// What captures of this kind measure together.
    associatedtype Measured: MergeableMeasurement

    /// The name of the model.
    var model: String { get }
    /// Numbers that name the samples, none of them twice.
    var samples: [Int] { get }
    /// A fingerprint of the content, by which a capture that was added before is known again.
    var digest: String { get }
    /// Names of what there are values for.
    var entries: [String] { get }

    /// The capture as a measurement of its own.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for what no measurement has.
    func measurement() throws(SensitivityError) -> Measured
}

/// A measurement that takes in what was measured elsewhere.
public protocol MergeableMeasurement: Hashable, Sendable {
    /// Adds everything that was measured elsewhere, on other samples.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` if it is not of the same model, or was measured in another way.
    mutating func merge(_ other: Self) throws(SensitivityError)
}
