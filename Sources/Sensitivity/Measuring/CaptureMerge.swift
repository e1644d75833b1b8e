import Text

/// Captures of the states of a stack of layers added up.
public typealias StateMerge = CaptureMerge<CaptureRecord>

/// Captures of layers' outputs added up.
public typealias OutputMerge = CaptureMerge<OutputCapture>

/// Captures of one model added up: a measurement, and what it is made of, so that more can be added later.
public struct CaptureMerge<Capture: ModelCapture>: Hashable, Sendable {
    /// The name of the model.
    public let model: String
    /// What the captures measured together.
    public private(set) var measurement: Capture.Measured
    private(set) var sources = CaptureSources()

    /// Starts with a capture.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)``, as ``add(_:)``.
    public init(_ capture: Capture) throws(SensitivityError) {
        model = capture.model
        measurement = try capture.measurement()
        try sources.note(CaptureSources.Source(capture))
    }

    /// Goes on with captures that were added up before.
    init(
        model: String,
        measurement: Capture.Measured,
        sources: [CaptureSources.Source]
    ) throws(SensitivityError) {
        self.model = model
        self.measurement = measurement
        for source in sources { try self.sources.note(source) }
    }

    /// The number of captures that were added.
    public var captureCount: Int { sources.list.count }

    /// The digests of the captures that were added.
    var digests: [String] { sources.list.map(\.digest) }

    /// The number of different samples in them.
    public var sampleCount: Int { sources.sampleCount }

    /// Adds a capture, unless it was added before.
    ///
    /// - Parameter capture: A capture of the same model, of other samples or other values.
    /// - Returns: Whether it was new.
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for a capture of another model, one that was measured in another way, and
    ///   one that has a sample for which a value was added before from another capture.
    @discardableResult
    public mutating func add(_ capture: Capture) throws(SensitivityError) -> Bool {
        guard !sources.contains(digest: capture.digest) else { return false }
        guard capture.model == model else {
            throw .unusableMeasurement(
                "the captures are of \(model.quoted) and \(capture.model.quoted): merge those of one model"
            )
        }
        var merged = measurement
        try merged.merge(try capture.measurement())
        try sources.note(CaptureSources.Source(capture))
        measurement = merged
        return true
    }
}

extension CaptureSources.Source {
    fileprivate init(_ capture: some ModelCapture) {
        self.init(digest: capture.digest, samples: capture.samples, entries: capture.entries)
    }
}
