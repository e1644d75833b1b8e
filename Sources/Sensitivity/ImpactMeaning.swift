import Text

/// What a table of impacts says of its cells besides their numbers.
///
/// The project's own CSV has it as comments in front of the header, one per line, its JSON as members of the object:
///
/// ```
/// # kind: amplitude
/// # unit: relative error
/// # method: weights only, uncalibrated
/// # importance: fnv1a64:0c5d1b8a99e62f04 imatrix.gguf
/// # filled: output.weight
/// layer,Q4_0,Q8_0
/// ```
///
/// Losses that gradients gave say besides
///
/// ```
/// # uncertainty: 0.3
/// # gradients: fnv1a64:5f0c32a1d8e7b946 gradients.gguf
/// ```
///
/// All of them may be missing; a table that says nothing of its kind has the kind ``ImpactKind/unknown``.
public struct ImpactMeaning: Hashable, Sendable {
    /// Whether cells are amplitudes or losses.
    public let kind: ImpactKind
    /// The quantity and its unit in words, such as `KL divergence, nats per token`; nil where it is not known.
    public let unit: String?
    /// How the cells were made, in words, such as `weights only, uncalibrated`; nil where it is not known.
    public let method: String?
    /// The importance matrix that they were made with, if any.
    public let importance: ImportanceReference?
    /// The squared gradients that they were made with, if any.
    public let gradients: ImportanceReference?
    /// By which share the combined impact of a plan may be off from what is measured, such as 0.3; nil where it is not known.
    public let uncertainty: Double?

    /// A table that says nothing of its cells.
    public static let unknown = ImpactMeaning(kind: .unknown)

    /// Creates a meaning.
    ///
    /// - Parameters:
    ///   - kind: Whether cells are amplitudes or losses.
    ///   - unit: The quantity and its unit, on one line; other control characters become spaces.
    ///   - method: How the cells were made, on one line likewise.
    ///   - importance: The importance matrix that they were made with.
    ///   - gradients: The squared gradients that they were made with.
    ///   - uncertainty: By which share the combined impact of a plan may be off.
    public init(
        kind: ImpactKind,
        unit: String? = nil,
        method: String? = nil,
        importance: ImportanceReference? = nil,
        gradients: ImportanceReference? = nil,
        uncertainty: Double? = nil
    ) {
        self.kind = kind
        self.unit = unit.flatMap(Self.line)
        self.method = method.flatMap(Self.line)
        self.importance = importance
        self.gradients = gradients
        self.uncertainty = uncertainty
    }

    /// A text on one line without blanks at its ends, or nil where nothing is left.
    static func line(_ text: String) -> String? {
        let plain = text.unicodeScalars.map { $0.isControl ? " " : Character($0) }
        let trimmed = CellText.trimmed(Substring(String(plain)))
        return trimmed.isEmpty ? nil : String(trimmed)
    }
}

extension ImpactMeaning: CustomStringConvertible {
    /// The meaning in a phrase: `amplitudes (relative error; weights only, uncalibrated; importance imatrix.gguf, fnv1a64:…)`.
    public var description: String {
        let noun =
            switch kind {
            case .amplitude: "amplitudes"
            case .loss: "losses"
            case .unknown: "impacts of unknown kind"
            }
        let details = [
            unit, method, gradients.map { "gradients \($0.name)" },
            importance.map(Self.words),
        ].compactMap { $0 }
        return details.isEmpty ? noun : "\(noun) (\(details.joined(separator: "; ")))"
    }
}

extension ImpactMeaning {
    /// What the encoders and the norm looked at, in a phrase.
    private static func words(_ importance: ImportanceReference) -> String {
        guard importance.isFile else { return "importance \(importance.name)" }
        let filled = importance.filled.count
        return "importance \(importance.name), \(importance.digest)"
            + (filled == 0 ? "" : ", filled in for \(filled.of("tensor"))")
    }

    /// What the end of the model is expected to lose, in words, from the combined impact of a plan; nil unless cells are losses whose
    /// unit is known.
    ///
    /// A unit such as `KL divergence, nats per token` is taken for the quantity and its unit. Losses of layers add up while they are
    /// small: predicted and measured losses of whole files were compared up to 0.6 nats per token, and a file that was to lose 4.0 lost
    /// 9.5.
    ///
    /// - Parameters:
    ///   - total: The combined impact.
    ///   - text: How it is written.
    /// - Returns: The words.
    public func expectation(of total: Double, written text: String) -> String? {
        guard kind == .loss, let unit else { return nil }
        let parts = unit.split(separator: ", ", maxSplits: 1)
        let quantity =
            parts.count == 2
            ? "\(parts[0]) of \(text) \(parts[1])"
            : Self.isFormula(unit) ? "\(unit) of \(text)" : "\(text) \(unit)"
        if unit.hasSuffix("nats per token"), total > Self.largestTried {
            return "\(quantity) at least: losses above \(Self.largestTried) add up to more than their sum"
        }
        guard let uncertainty else { return quantity }
        return "\(quantity), ±\(Int((100 * uncertainty).rounded())) %"
    }

    /// The largest loss of a whole file, in nats per token, that was held against its prediction.
    package static let largestTried = 0.6

    /// Whether a unit is a formula, such as `1 - cos`, which after a number would read as a part of it; `nats/token` is none.
    private static func isFormula(_ unit: String) -> Bool {
        unit.first?.isNumber == true || [" - ", " + ", " * ", " / "].contains { unit.contains($0) }
    }
}
