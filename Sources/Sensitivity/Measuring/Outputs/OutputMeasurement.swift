import Text

/// What has been measured of a model's layers by their outputs so far; its size does not grow with the number of samples.
public struct OutputMeasurement: MergeableMeasurement {
    /// A layer cast to a format.
    struct Cast: Hashable, Sendable {
        let layer: String
        let format: String

        init(layer: String, format: String) {
            self.layer = layer
            self.format = ImpactTable.canonicalFormat(format)
        }
    }

    /// What has been measured of a layer's output.
    struct Output: Hashable, Sendable {
        /// The loss at the end per size of the perturbation, one value per sample.
        var losses: [RunningMoments]
        /// The mean square of the output, one value per sample.
        var meanSquares = RunningMoments()
    }

    /// What the loss at the end is, and in which unit; nil where that is not known.
    public let unit: String?
    /// The full widths of the relative perturbations, ascending.
    public let perturbations: [Double]
    /// The layers, in the order in which they were first met.
    public private(set) var layers: [String] = []
    /// The formats, in the order in which they were first met.
    public var formats: [String] { columns.names }
    private var columns = MeasuredFormats()
    var outputs: [String: Output] = [:]
    var casts: [Cast: CastRecord] = [:]

    /// The most sizes of perturbations.
    static let sizeLimit = 16

    /// Creates a measurement of nothing.
    ///
    /// - Parameters:
    ///   - unit: What the loss at the end is, and in which unit.
    ///   - perturbations: The full widths of the relative perturbations.
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for no perturbation, too many, ones that do not ascend or are not
    ///   above 0 and up to 2, and a unit with control characters.
    public init(unit: String?, perturbations: [Double]) throws(SensitivityError) {
        guard (1...Self.sizeLimit).contains(perturbations.count),
            perturbations.allSatisfy({ $0 > 0 && $0 <= 2 }),
            zip(perturbations, perturbations.dropFirst()).allSatisfy({ $0 < $1 })
        else {
            throw .unusableMeasurement(
                "the perturbations are \(perturbations): give one size or more, ascending, above 0 and up to 2"
            )
        }
        if let unit, TableName.problem(inLayer: unit) != nil {
            throw .unusableMeasurement("the unit is \(unit.quoted): leave out control characters")
        }
        self.unit = unit
        self.perturbations = perturbations
    }

    /// Adds the losses at the end that one sample had under perturbations of a layer's output, one per size.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for another number of losses than sizes, losses that are negative or not
    ///   finite, and a layer that cannot be a row of a table.
    public mutating func addEndLosses(_ losses: [Double], of layer: String) throws(SensitivityError) {
        guard losses.count == perturbations.count else {
            throw .unusableMeasurement(
                "there are \(losses.count) losses of \(layer.quoted) for \(perturbations.count) perturbations: give one for each"
            )
        }
        try register(layer: layer)
        for (size, loss) in losses.enumerated() {
            try SensitivityError.checkMeasured(loss, "a loss at the end after perturbing \(layer.quoted)")
            outputs[layer]?.losses[size].add(loss)
        }
    }

    /// Adds the mean square that a layer's output had in one sample.
    ///
    /// - Throws: As ``addEndLosses(_:of:)``.
    public mutating func addMeanSquare(_ value: Double, of layer: String) throws(SensitivityError) {
        try SensitivityError.checkMeasured(value, "the mean square of \(layer.quoted)")
        try register(layer: layer)
        outputs[layer]?.meanSquares.add(value)
    }

    /// Adds the mean square error that a cast made in the layer's output in one sample; one that is not finite says that the
    /// cast ruins the output.
    mutating func addLoss(_ loss: Double, of cast: Cast) throws(SensitivityError) {
        try register(cast)
        var record = casts[cast] ?? CastRecord()
        try record.add(loss, "the loss of casting \(cast.layer.quoted)")
        casts[cast] = record
    }

    /// Adds everything that was measured elsewhere, on other samples.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` if losses or perturbations are not the same.
    public mutating func merge(_ other: OutputMeasurement) throws(SensitivityError) {
        guard perturbations == other.perturbations else {
            throw .unusableMeasurement(
                "the perturbations are \(perturbations) and \(other.perturbations): merge measurements with the same"
            )
        }
        guard unit == other.unit else {
            throw .unusableMeasurement(
                "the losses are \(unit ?? "of no unit") and \(other.unit ?? "of no unit"): merge measurements of the same"
            )
        }
        for layer in other.layers { try register(layer: layer) }
        for format in other.formats { try columns.register(format) }
        for (layer, output) in other.outputs {
            for size in perturbations.indices { outputs[layer]?.losses[size].merge(output.losses[size]) }
            outputs[layer]?.meanSquares.merge(output.meanSquares)
        }
        for (cast, record) in other.casts {
            casts[cast, default: CastRecord()].merge(record)
        }
    }

    /// Gives formats that were written down columns, in their order.
    ///
    /// - Throws: As ``MeasuredFormats/init(listed:)``.
    mutating func list(formats: [String]) throws(SensitivityError) {
        columns = try MeasuredFormats(listed: formats)
    }

    /// Gives a cast's layer a row and its format a column.
    mutating func register(_ cast: Cast) throws(SensitivityError) {
        try register(layer: cast.layer)
        try columns.register(cast.format)
    }

    /// Gives a layer a row.
    mutating func register(layer: String) throws(SensitivityError) {
        guard outputs[layer] == nil else { return }
        if let problem = TableName.problem(inLayer: layer) {
            throw .unusableMeasurement("a layer cannot be a row of a table: \(problem)")
        }
        layers.append(layer)
        outputs[layer] = Output(losses: perturbations.map { _ in RunningMoments() })
    }

    /// The mean loss at the end of a layer per perturbation; nil where it was not measured.
    public func meanLosses(of layer: String) -> [Double?] {
        (outputs[layer]?.losses ?? perturbations.map { _ in RunningMoments() })
            .map { $0.count > 0 ? $0.mean : nil }
    }

    /// The mean square of a layer's output; nil where it was not measured.
    public func meanSquare(of layer: String) -> Double? {
        outputs[layer].flatMap { $0.meanSquares.count > 0 ? $0.meanSquares.mean : nil }
    }

    /// The number of samples behind the losses of a layer.
    public func sampleCount(of layer: String) -> Int { outputs[layer]?.losses.first?.count ?? 0 }
}
