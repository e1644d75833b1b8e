/// What a table of impacts says of its cells besides their numbers.
///
/// The project's own CSV has it as comments in front of the header, one per line, its JSON as members of the object:
///
/// ```
/// # kind: amplitude
/// # unit: relative error
/// # method: weights only, uncalibrated
/// # importance: fnv1a64:0c5d1b8a99e62f04 imatrix.gguf
/// layer,Q4_0,Q8_0
/// ```
///
/// All four may be missing; a table that says nothing of its kind has the kind ``ImpactKind/unknown``.
public struct ImpactMeaning: Hashable, Sendable {
    /// Whether cells are amplitudes or losses.
    public let kind: ImpactKind
    /// The quantity and its unit in words, such as `KL divergence, nats per token`; nil where it is not known.
    public let unit: String?
    /// How the cells were made, in words, such as `weights only, uncalibrated`; nil where it is not known.
    public let method: String?
    /// The importance matrix that they were made with, if any.
    public let importance: ImportanceReference?

    /// A table that says nothing of its cells.
    public static let unknown = ImpactMeaning(kind: .unknown)

    /// Creates a meaning.
    ///
    /// - Parameters:
    ///   - kind: Whether cells are amplitudes or losses.
    ///   - unit: The quantity and its unit, on one line; other control characters become spaces.
    ///   - method: How the cells were made, on one line likewise.
    ///   - importance: The importance matrix that they were made with.
    public init(
        kind: ImpactKind,
        unit: String? = nil,
        method: String? = nil,
        importance: ImportanceReference? = nil
    ) {
        self.kind = kind
        self.unit = unit.flatMap(Self.line)
        self.method = method.flatMap(Self.line)
        self.importance = importance
    }

    /// A text on one line without blanks at its ends, or nil where nothing is left.
    static func line(_ text: String) -> String? {
        let plain = text.unicodeScalars.map { TableName.isControl($0) ? " " : Character($0) }
        let trimmed = CellText.trimmed(Substring(String(plain)))
        return trimmed.isEmpty ? nil : String(trimmed)
    }
}

extension ImpactMeaning: CustomStringConvertible {
    /// The meaning in a phrase: `amplitudes (relative error; weights only, uncalibrated; importance imatrix.gguf)`.
    public var description: String {
        let noun =
            switch kind {
            case .amplitude: "amplitudes"
            case .loss: "losses"
            case .unknown: "impacts of unknown kind"
            }
        let details = [unit, method, importance.map { "importance \($0.name)" }].compactMap { $0 }
        return details.isEmpty ? noun : "\(noun) (\(details.joined(separator: "; ")))"
    }
}
