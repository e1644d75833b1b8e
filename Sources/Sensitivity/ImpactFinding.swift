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
        /// The format stands twice in the layer; the later value counts.
        case repeated(earlier: ImpactCell, line: Int, later: ImpactCell, laterLine: Int)
        /// The source names a file type of llama.cpp, which was read as the one format it is made of.
        case fileType(written: String)
        /// The value is below zero, which no impact is, and was read as 0.
        case belowZero(written: String)
        /// The impacts are per million weights of the layer, as the source has no counts.
        case perMillionWeights
        /// The format is 0 in every layer, as the source says what it gains over another.
        case reference(gainOver: String)
        /// Two options of the layer have the same bits per weight; that with more impact was left out.
        case sameBits(option: Int, as: Int)
        /// The model has no such layer.
        case unknownLayer
        /// The table has no such layer of the model.
        case unmeasuredLayer
        /// Nothing is known of the format.
        case unknownFormat
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
        case .repeated(let earlier, let line, let later, let laterLine):
            return "\(subject)\(format) is there twice, \(earlier) on line \(line) and"
                + " \(later) on line \(laterLine), of which the last counts"
        case .fileType(let written):
            return "\(written) is a file type of llama.cpp and was read as \(format)"
        case .belowZero(let written):
            return "\(subject)\(format) is \(written), which no impact can be, and was read as 0"
        case .perMillionWeights:
            return "the impacts are per million weights, so layers of different sizes cannot be compared"
        case .reference(let other):
            return "\(format) is 0 in every layer, as the source says what it gains over \(other)"
        case .sameBits(let option, let other):
            return "\(subject)option \(option) has the bits of option \(other) and no less impact, and was"
                + " left out"
        case .unknownLayer: return "\(subject)the model has no such layer"
        case .unmeasuredLayer: return "\(subject)the table has no such layer"
        case .unknownFormat: return "nothing is known of the format \(format)"
        }
    }
}
