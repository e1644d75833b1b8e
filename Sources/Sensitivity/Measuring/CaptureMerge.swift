/// Captures of one model added up: a measurement, and what it is made of, so that more can be added later.
public struct CaptureMerge: Hashable, Sendable {
    /// A capture that was added.
    struct Source: Hashable, Sendable {
        var digest: String
        var samples: [Int]
        /// What it had values for.
        var entries: [String]
    }

    /// The name of the model.
    public let model: String
    /// What the captures measured together.
    public private(set) var measurement: StackMeasurement
    private(set) var sources: [Source] = []

    /// The digests of the captures, and which samples every value has; made from ``sources``.
    private var digests: Set<String> = []
    private var samplesOfEntry: [String: Set<Int>] = [:]

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
                "the name of the model is \(Excerpt(model)): leave out control characters"
            )
        }
        try self.init(model: model, measurement: measurement, sources: [])
    }

    /// Goes on with captures that were added up before.
    init(model: String, measurement: StackMeasurement, sources: [Source]) throws(SensitivityError) {
        self.model = model
        self.measurement = measurement
        for source in sources {
            try note(source)
        }
    }

    /// The number of captures that were added.
    public var captureCount: Int { sources.count }

    /// The number of different samples in them.
    public var sampleCount: Int { Set(sources.flatMap(\.samples)).count }

    /// Adds a capture, unless it was added before.
    ///
    /// - Parameter record: A capture of the same model, of other samples or other values.
    /// - Returns: Whether it was new.
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for a capture of another model, shape or perturbation, and for
    ///   one that has a sample for which a value was added before from another capture.
    @discardableResult
    public mutating func add(_ record: CaptureRecord) throws(SensitivityError) -> Bool {
        guard !digests.contains(record.digest) else { return false }
        guard record.model == model else {
            throw .unusableMeasurement(
                "the captures are of \(Excerpt(model)) and \(Excerpt(record.model)): merge those of one model"
            )
        }
        let source = Source(digest: record.digest, samples: record.samples, entries: record.entries)
        var merged = measurement
        try merged.merge(try record.measurement())
        try note(source)
        measurement = merged
        return true
    }

    private mutating func note(_ source: Source) throws(SensitivityError) {
        for entry in source.entries {
            if let known = samplesOfEntry[entry], let twice = source.samples.first(where: known.contains) {
                throw .unusableMeasurement(
                    "sample \(twice) has \(Excerpt(entry)) in two captures: leave one of them out, or number the samples of "
                        + "each machine apart"
                )
            }
        }
        guard digests.insert(source.digest).inserted else {
            throw .unusableMeasurement("a capture is there twice: delete one")
        }
        for entry in source.entries {
            samplesOfEntry[entry, default: []].formUnion(source.samples)
        }
        sources.append(source)
    }
}
