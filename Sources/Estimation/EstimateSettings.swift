import Quantization
public import Tensors

/// What is measured of a model's weights: the formats, and how many of the rows.
public struct EstimateSettings: Hashable, Sendable {
    /// The formats that can be measured.
    public static let measurableFormats: [QuantizationFormat] = TensorCodec.formats

    /// The formats, each one of ``measurableFormats``.
    public let formats: [QuantizationFormat]

    /// The share of every tensor's rows that is measured, above 0 and at most 1.
    public let rowShare: Double

    /// The seed that the rows are drawn with.
    public let seed: UInt64

    /// Creates settings.
    ///
    /// - Throws: ``EstimationError/noCodec(format:)``, ``EstimationError/formatTwice(_:)``,
    ///   ``EstimationError/noFormats`` and ``EstimationError/rowShareOutOfRange(_:)``.
    public init(
        formats: [QuantizationFormat],
        rowShare: Double = 1,
        seed: UInt64 = 1
    ) throws(EstimationError) {
        guard !formats.isEmpty else { throw .noFormats }
        var seen: Set<QuantizationFormat> = []
        for format in formats {
            guard Self.measurableFormats.contains(format) else { throw .noCodec(format: format.name) }
            guard seen.insert(format).inserted else { throw .formatTwice(format.name) }
        }
        guard rowShare > 0, rowShare <= 1 else { throw .rowShareOutOfRange("\(rowShare)") }
        self.formats = formats
        self.rowShare = rowShare
        self.seed = seed
    }
}
