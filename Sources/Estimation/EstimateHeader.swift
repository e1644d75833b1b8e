import Text
public import Sensitivity
import Tensors

/// What a file of measured errors was measured on, and how: two files with the same header, the part aside, may be merged.
public struct EstimateHeader: Hashable, Sendable {
    /// The model's name; it does not have to be the same to go on.
    public let model: String
    /// The fingerprint of the tensors' names, shapes and types.
    public let modelDigest: String
    /// The fingerprint of some of the weights, which tells fine-tunes apart.
    public let weightsDigest: String
    /// The names of the formats.
    public let formats: [String]
    /// The share of the rows.
    public let rowShare: Double
    /// The seed that the rows were drawn with.
    public let seed: UInt64
    /// The importance matrix, or nil if there was none; its name does not have to be the same to go on.
    public let importance: ImportanceReference?
    /// The squared gradients, or nil if there were none; their name does not have to be the same to go on.
    public let gradients: GradientReference?
    /// Which part of the model it is, or nil for the whole.
    public let part: WorkPart?

    /// Creates a header.
    public init(
        model: String,
        modelDigest: String,
        weightsDigest: String,
        settings: EstimateSettings,
        importance: ImportanceReference?,
        gradients: GradientReference? = nil,
        part: WorkPart?
    ) {
        self.model = model
        self.modelDigest = modelDigest
        self.weightsDigest = weightsDigest
        formats = settings.formats.map(\.name)
        rowShare = settings.rowShare
        seed = settings.seed
        self.importance = importance
        self.gradients = gradients
        self.part = part
    }

    /// What a difference of the formats is called.
    static let formatsName = "list of formats"

    /// Checks that a file with this header goes with another one.
    ///
    /// - Parameters:
    ///   - other: The header that is expected.
    ///   - path: The file with this one.
    ///   - sameParts: Whether the part has to be the same.
    /// - Throws: ``EstimationError/differs(path:what:found:expected:)`` with the first difference.
    public func check(against other: EstimateHeader, path: String, sameParts: Bool) throws(EstimationError) {
        let pairs: [(what: String, found: String, expected: String)] = [
            ("model", modelDigest, other.modelDigest),
            ("set of weights", weightsDigest, other.weightsDigest),
            (Self.formatsName, formats.joined(separator: ","), other.formats.joined(separator: ",")),
            ("share of rows", "\(rowShare)", "\(other.rowShare)"),
            ("seed", "\(seed)", "\(other.seed)"),
            ("importance matrix", importance?.digest ?? "none", other.importance?.digest ?? "none"),
            ("file of gradients", gradients?.digest ?? "none", other.gradients?.digest ?? "none"),
        ]
        for (what, found, expected) in pairs where found != expected {
            throw .differs(path: path, what: what, found: found, expected: expected)
        }
        guard !sameParts || part == other.part else {
            throw .differs(
                path: path,
                what: "part",
                found: part?.description ?? "the whole",
                expected: other.part?.description ?? "the whole"
            )
        }
    }

    /// Checks that a file with this header was measured on a model.
    ///
    /// - Parameters:
    ///   - modelDigest: The model's fingerprint.
    ///   - weightsDigest: The fingerprint of its weights, or nil where they are not at hand.
    ///   - path: The file.
    /// - Throws: ``EstimationError/differs(path:what:found:expected:)``.
    public func check(
        modelDigest: String,
        weightsDigest: String?,
        path: String
    ) throws(EstimationError) {
        guard self.modelDigest == modelDigest else {
            throw .differs(path: path, what: "model", found: self.modelDigest, expected: modelDigest)
        }
        if let weightsDigest, self.weightsDigest != weightsDigest {
            throw .differs(
                path: path,
                // Earlier versions looked at other places of the same weights.
                what: "set of weights, or with an earlier version of this program",
                found: self.weightsDigest,
                expected: weightsDigest
            )
        }
    }
}

extension EstimateHeader {
    /// The version that is written.
    ///
    /// Version 1 had only the weighted errors of tensors whose importance was known; without an
    /// importance matrix both versions have the same lines, and both are read. A header without
    /// `gradients` had none.
    static let version = 2

    /// Whether a header is that of a file of version 1 that lacks the errors without weights.
    static func lacksPlainErrors(_ record: EstimateRecord) -> Bool {
        guard record.integer("version") == 1, case .string = record["importance"]?.value else { return false }
        return true
    }

    /// The header as a line of JSON.
    var json: JSONValue {
        var members = commonMembers
        if let gradients { members.append(.init(key: "gradients", value: gradients.json)) }
        members.append(.init(key: "part", value: part.map { .string($0.description) } ?? .null))
        return .object(members)
    }

    private var commonMembers: [JSONValue.Member] {
        [
            .init(key: "version", value: .integer(Self.version)),
            .init(key: "model", value: .string(model)),
            .init(key: "digest", value: .string(modelDigest)),
            .init(key: "weights", value: .string(weightsDigest)),
            .init(key: "formats", value: .array(formats.map { .string($0) })),
            .init(key: "rows", value: .number(rowShare)),
            // As a text, because JSON's readers lose digits of numbers beyond 2^53.
            .init(key: "seed", value: .string("\(seed)")),
            .init(
                key: "importance",
                value: importance.map { ["name": .string($0.name), "digest": .string($0.digest)] } ?? .null
            ),
        ]
    }

    /// Reads the header, or nil if the line is none.
    init?(_ record: EstimateRecord) {
        guard let version = record.integer("version"), (1...Self.version).contains(version),
            let model = record.text("model"),
            let modelDigest = record.text("digest"), let weightsDigest = record.text("weights"),
            let formats = record.texts("formats"), let rowShare = record.number("rows"),
            let seed = record.text("seed").flatMap({ UInt64($0) }),
            let importanceNode = record["importance"], let partNode = record["part"]
        else { return nil }
        if case .null = importanceNode.value {
            importance = nil
        } else {
            guard version > 1, let node = EstimateRecord(importanceNode), let name = node.text("name"),
                let digest = node.text("digest")
            else { return nil }
            importance = ImportanceReference(name: name, digest: digest)
        }
        if let node = record["gradients"] {
            guard let read = EstimateRecord(node).flatMap({ GradientReference($0) }) else { return nil }
            gradients = read
        } else {
            gradients = nil
        }
        switch partNode.value {
        case .null: part = nil
        case .string(let text):
            guard let read = try? WorkPart(parsing: text) else { return nil }
            part = read
        default: return nil
        }
        self.model = model
        self.modelDigest = modelDigest
        self.weightsDigest = weightsDigest
        self.formats = formats
        self.rowShare = rowShare
        self.seed = seed
    }
}
