public import Checkpoints
import Text

/// The squared gradients that losses were estimated with.
public struct GradientReference: Hashable, Sendable {
    /// The name of their file, without folders.
    public let name: String
    /// The fingerprint of their content.
    public let digest: String
    /// The quantity that is lost at the end and its unit, such as `KL divergence, nats per token`.
    public let unit: String
    /// The number of sequences that they were taken of.
    public let sequenceCount: Int

    /// Creates a reference.
    public init(name: String, digest: String, unit: String, sequenceCount: Int) {
        self.name = InputFile.ownName(of: name, or: "gradients")
        self.digest = digest
        self.unit = unit
        self.sequenceCount = sequenceCount
    }

    /// Refers to the gradients of a file.
    ///
    /// - Throws: ``EstimationError/checkpoint(_:)``.
    public init(_ gradients: SquaredGradients) throws(EstimationError) {
        self.init(
            name: gradients.path,
            digest: try EstimationError.wrapping { () throws(CheckpointError) in try gradients.digest() },
            unit: gradients.unit,
            sequenceCount: gradients.sequenceCount
        )
    }
}

extension GradientReference {
    /// The reference as an object of JSON.
    var json: JSONValue {
        [
            "name": .string(name), "digest": .string(digest), "unit": .string(unit),
            "sequences": .integer(sequenceCount),
        ]
    }

    /// Reads a reference, or nil if it is none.
    init?(_ record: EstimateRecord) {
        guard let name = record.text("name"), let digest = record.text("digest"),
            let unit = record.text("unit"), let sequenceCount = record.integer("sequences"),
            sequenceCount >= 0
        else { return nil }
        self.init(name: name, digest: digest, unit: unit, sequenceCount: sequenceCount)
    }
}
