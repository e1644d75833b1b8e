import Text

/// What has been measured of a stack so far; its size does not grow with the number of samples.
///
/// Fed by captures of a model that runs elsewhere; parts that were measured on several machines are merged.
/// ``tables(named:)`` turns it into Tables 1, 2 and 3.
public struct StackMeasurement: MergeableMeasurement {
    /// A layer's stream cast to a format.
    public struct Cast: Hashable, Sendable {
        /// The layer that is cast.
        public let layer: Int
        /// The stream of the cast weights.
        public let stream: Stream
        /// The canonical name of the format.
        public let format: String

        /// Creates a cast.
        public init(layer: Int, stream: Stream, format: String) {
            self.layer = layer
            self.stream = stream
            // Until nothing changes, so that what is written down reads back as itself.
            var name = format
            while ImpactTable.canonicalFormat(name) != name {
                name = ImpactTable.canonicalFormat(name)
            }
            self.format = name
        }
    }

    /// What has been measured of a state.
    struct StateRecord: Hashable, Sendable {
        /// The loss at the end, one value per sample: the mean over its draws.
        var samples = RunningMoments()
        /// The loss at the end, one value per draw.
        var draws = RunningMoments()
        /// The mean square of the state, one value per sample.
        var meanSquares = RunningMoments()
    }

    /// Which streams the stack carries where.
    public let shape: StackShape
    /// The full width of the relative perturbation, 0.01 for the 1 % of Table 1.
    public let perturbation: Double
    /// The formats, in the order in which they were first met.
    public var formats: [String] { columns.names }
    private var columns = MeasuredFormats()
    var states: [HiddenState: StateRecord] = [:]
    var casts: [Cast: CastRecord] = [:]

    /// Creates a measurement of nothing.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for a perturbation that is not between 0 and 2.
    public init(shape: StackShape, perturbation: Double = 0.01) throws(SensitivityError) {
        guard perturbation > 0, perturbation <= 2 else {
            throw .unusableMeasurement(
                "the perturbation is \(perturbation): give a number above 0 and up to 2"
            )
        }
        self.shape = shape
        self.perturbation = perturbation
    }

    /// Adds the losses at the end that one sample had under perturbations of a state, one per draw.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for a state that the stack does not have, no loss, and
    ///   losses that are negative or not finite.
    public mutating func addEndLosses(_ losses: [Double], of state: HiddenState) throws(SensitivityError) {
        try check(state)
        var sample = RunningMoments()
        for loss in losses {
            try SensitivityError.checkMeasured(loss, "a loss at the end after perturbing \(state)")
            sample.add(loss)
        }
        guard sample.count > 0 else {
            throw .unusableMeasurement("a sample has no draw for \(state): give at least one")
        }
        states[state, default: StateRecord()].samples.add(sample.mean)
        states[state, default: StateRecord()].draws.merge(sample)
    }

    /// Adds the mean square that a state had in one sample.
    ///
    /// - Throws: As ``addEndLosses(_:of:)``.
    public mutating func addMeanSquare(_ value: Double, of state: HiddenState) throws(SensitivityError) {
        try check(state)
        try SensitivityError.checkMeasured(value, "the mean square of \(state)")
        states[state, default: StateRecord()].meanSquares.add(value)
    }

    /// Adds the loss that a cast made in the layer's output in one sample.
    ///
    /// A loss that is infinite or not a number is kept as what it says: the cast ruins the output.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for a layer that does not carry the stream, a negative loss,
    ///   and a format that cannot be a column of Table 3.
    public mutating func addLoss(_ loss: Double, of cast: Cast) throws(SensitivityError) {
        try register(cast)
        var record = casts[cast] ?? CastRecord()
        try record.add(loss, "the loss of casting \(shape.name(of: cast.layer, stream: cast.stream))")
        casts[cast] = record
    }

    /// Adds everything that was measured elsewhere, on other samples.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` if the stacks or perturbations are not the same.
    public mutating func merge(_ other: StackMeasurement) throws(SensitivityError) {
        guard shape == other.shape else {
            throw .unusableMeasurement(
                "the measurements are of stacks of different shapes: merge those of one model"
            )
        }
        guard perturbation == other.perturbation else {
            throw .unusableMeasurement(
                "the perturbations are \(perturbation) and \(other.perturbation): merge measurements with the same"
            )
        }
        for format in other.formats { try columns.register(format) }
        for (state, record) in other.states {
            states[state, default: StateRecord()].samples.merge(record.samples)
            states[state, default: StateRecord()].draws.merge(record.draws)
            states[state, default: StateRecord()].meanSquares.merge(record.meanSquares)
        }
        for (cast, record) in other.casts {
            casts[cast, default: CastRecord()].merge(record)
        }
    }

    /// Checks a cast and gives its format a column.
    mutating func register(_ cast: Cast) throws(SensitivityError) {
        guard (0..<shape.layerCount).contains(cast.layer),
            shape.streams(before: cast.layer).contains(cast.stream)
        else {
            throw .unusableMeasurement(
                "layer \(cast.layer) with the stream \(cast.stream.rawValue) is cast: the stack has no such layer"
            )
        }
        try columns.register(cast.format)
    }

    /// The same with the formats in a given order, which must name all that were cast.
    func ordering(_ order: [String]) throws(SensitivityError) -> StackMeasurement {
        var ordered = self
        ordered.columns = try MeasuredFormats(listed: order)
        return ordered
    }

    private func check(_ state: HiddenState) throws(SensitivityError) {
        guard shape.contains(state) else {
            throw .unusableMeasurement("there is a value for \(state): the stack has no such state")
        }
    }
}
