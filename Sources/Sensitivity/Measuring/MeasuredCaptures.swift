public import Text

/// Captures of either kind added up: of the states of a stack of layers, or of the outputs of layers of any names.
public enum MeasuredCaptures: Hashable, Sendable {
    /// States, as a transformer of the FLUX family has them.
    case states(StateMerge)
    /// Outputs of layers of any names.
    case outputs(OutputMerge)

    /// A capture of either kind.
    public enum Capture: Hashable, Sendable {
        /// Of states.
        case states(CaptureRecord)
        /// Of outputs.
        case outputs(OutputCapture)

        /// Reads a capture from a file.
        ///
        /// - Throws: As ``CaptureFile/read(path:)``.
        public init(path: String) throws(SensitivityError) {
            let contents = try CaptureFile.contents(path: path)
            self =
                contents.metadata["plan_capture"] == "2"
                ? .outputs(try OutputCapture(contents)) : .states(try CaptureRecord(contents))
        }
    }

    /// Starts with a capture.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)``.
    public init(_ capture: Capture) throws(SensitivityError) {
        switch capture {
        case .states(let record): self = .states(try StateMerge(record))
        case .outputs(let capture): self = .outputs(try OutputMerge(capture))
        }
    }

    /// Goes on with what was measured before.
    ///
    /// - Parameter path: What ``text()`` wrote.
    /// - Throws: As ``MeasurementDocument/read(path:)``.
    public init(path: String) throws(SensitivityError) {
        let text = try TextFile.read(path: path)
        let root: JSONNode
        do {
            root = try JSONTree.parse(text)
        } catch {
            throw TextPosition(file: path, line: error.line).error(.notJSON(error.problem))
        }
        if case .object(let members) = root.value, members.contains(where: { $0.key == "perturbations" }) {
            self = .outputs(try OutputDocument.read(root, file: path))
        } else {
            self = .states(try MeasurementDocument.read(root, file: path))
        }
    }

    /// Whether a file holds what ``text()`` wrote, of states or of outputs.
    ///
    /// - Parameter file: The file.
    /// - Returns: Whether it does.
    public static func isMeasurement(_ file: InspectedFile) -> Bool {
        guard let outline = file.outline() else { return false }
        return outline.has(["layerCount", "perturbation", "states", "casts"])
            || outline.has(["perturbations", "outputs", "casts"])
    }

    /// Adds a capture of the same kind, unless it was added before.
    ///
    /// - Parameter capture: The capture.
    /// - Returns: Whether it was new.
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)``, also for a capture of the other kind.
    public mutating func add(_ capture: Capture) throws(SensitivityError) -> Bool {
        switch (self, capture) {
        case (.states(var merge), .states(let record)):
            let isNew = try merge.add(record)
            self = .states(merge)
            return isNew
        case (.outputs(var merge), .outputs(let record)):
            let isNew = try merge.add(record)
            self = .outputs(merge)
            return isNew
        default:
            throw .unusableMeasurement(
                "the captures are of states and of outputs: merge those of one kind"
            )
        }
    }

    /// What was measured as JSON, the same input giving the same bytes.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)``.
    public func text() throws(SensitivityError) -> String {
        switch self {
        case .states(let merge): try MeasurementDocument.text(merge)
        case .outputs(let merge): try OutputDocument.text(merge)
        }
    }

    /// The number of captures that others lack.
    ///
    /// - Parameter others: The others.
    /// - Returns: How many of these captures were not added to them.
    public func captureCount(lackedBy others: MeasuredCaptures) -> Int {
        let known = Set(others.digests)
        return digests.count { !known.contains($0) }
    }

    private var digests: [String] {
        switch self {
        case .states(let merge): merge.digests
        case .outputs(let merge): merge.digests
        }
    }

    /// The name of the model.
    public var model: String {
        switch self {
        case .states(let merge): merge.model
        case .outputs(let merge): merge.model
        }
    }

    /// The number of different samples.
    public var sampleCount: Int {
        switch self {
        case .states(let merge): merge.sampleCount
        case .outputs(let merge): merge.sampleCount
        }
    }

    /// The number of captures.
    public var captureCount: Int {
        switch self {
        case .states(let merge): merge.captureCount
        case .outputs(let merge): merge.captureCount
        }
    }
}
