import Text

/// Captures of one model added up: a measurement, and what it is made of, so that more can be added later.
public struct CaptureMerge: Hashable, Sendable {
    /// The name of the model.
    public let model: String
    /// What the captures measured together.
    public private(set) var measurement: StackMeasurement
    private(set) var sources = CaptureSources()

    /// Starts with a capture.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)``, as ``add(_:)``.
    public init(_ record: CaptureRecord) throws(SensitivityError) {
        model = record.model
        measurement = try StackMeasurement(shape: record.shape, perturbation: record.perturbation)
        try add(record)
    }

    /// Takes what was measured without captures, such as by ``StackMeasurer``.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for a name that cannot be written.
    public init(model: String, measurement: StackMeasurement) throws(SensitivityError) {
        if TableName.problem(inLayer: model) != nil {
            throw .unusableMeasurement(
                "the name of the model is \(model.quoted): leave out control characters"
            )
        }
        try self.init(model: model, measurement: measurement, sources: [])
    }

    /// Goes on with captures that were added up before.
    init(model: String, measurement: StackMeasurement, sources: [CaptureSources.Source])
        throws(SensitivityError)
    {
        self.model = model
        self.measurement = measurement
        for source in sources {
            try self.sources.note(source)
        }
    }

    /// The number of captures that were added.
    public var captureCount: Int { sources.list.count }

    /// The number of different samples in them.
    public var sampleCount: Int { sources.sampleCount }

    /// Adds a capture, unless it was added before.
    ///
    /// - Parameter record: A capture of the same model, of other samples or other values.
    /// - Returns: Whether it was new.
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for a capture of another model, shape or perturbation, and for
    ///   one that has a sample for which a value was added before from another capture.
    @discardableResult
    public mutating func add(_ record: CaptureRecord) throws(SensitivityError) -> Bool {
        guard !sources.contains(digest: record.digest) else { return false }
        guard record.model == model else {
            throw .unusableMeasurement(
                "the captures are of \(model.quoted) and \(record.model.quoted): merge those of one model"
            )
        }
        let source = CaptureSources.Source(
            digest: record.digest,
            samples: record.samples,
            entries: record.entries
        )
        var merged = measurement
        try merged.merge(try record.measurement())
        try self.sources.note(source)
        measurement = merged
        return true
    }
}
