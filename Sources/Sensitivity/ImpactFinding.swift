/// Something in an impact table that a person should know of; none of them stops a plan.
public struct ImpactFinding: Hashable, Sendable, CustomStringConvertible {
    /// What was found.
    public enum Kind: Hashable, Sendable {
        /// The cell is `inf`, which forbids the format.
        case infinite
        /// The cell is blank, which forbids the format.
        case blank
        /// A table in long form has no line for the layer and the format, which forbids the format.
        case missing
        /// A larger format has no less impact than a smaller one, so that more bits are no better here.
        case inverted(larger: String, largerImpact: Double, smaller: String, smallerImpact: Double)
        /// A row of the source has no text in any cell, and was passed over.
        case emptyRow(line: Int)
    }

    /// The layer, or nil for a finding about a row without one.
    public let layer: String?
    /// The formats concerned: one for a cell, the larger and the smaller for an inverted pair, none for a
    /// row.
    public let formats: [String]
    /// What was found.
    public let kind: Kind

    /// Creates a finding.
    public init(layer: String?, formats: [String], kind: Kind) {
        self.layer = layer
        self.formats = formats
        self.kind = kind
    }

    /// One line of plain text.
    public var description: String {
        let subject = layer.map { "\($0): " } ?? ""
        let format = formats.first ?? ""
        switch kind {
        case .infinite: return "\(subject)\(format) is inf, so the format is forbidden"
        case .blank: return "\(subject)\(format) is blank, so the format is forbidden"
        case .missing: return "\(subject)\(format) is missing, so the format is forbidden"
        case .inverted(let larger, let largerImpact, let smaller, let smallerImpact):
            return
                "\(subject)\(larger) (\(largerImpact)) is no better than"
                + " the smaller \(smaller) (\(smallerImpact))"
        case .emptyRow(let line): return "line \(line): the row is empty and was passed over"
        }
    }
}
