import Foundation

/// Something about an impact table as a whole that makes its cells look like another quantity than impacts.
public enum TableOddity: Hashable, Sendable, CustomStringConvertible {
    /// The cells are all nearly the same, from the tenth to the ninetieth percentile, whatever the format.
    case nearlyEqual(low: Double, high: Double)
    /// Of so many pairs of cells of a layer whose formats are a bit or more apart nearly all are inverted.
    case inverted(pairs: Int, of: Int)
    /// So many of the cells were below zero, and were read as 0; of the formats that is every cell that is not 0.
    case belowZero(cells: Int, of: Int, formats: [String])
    /// Every cell of a format below 16 bits is 0.
    case free(format: String)
    /// The cells fall per bit as those of another kind do.
    case decay(perBit: Double, as: ImpactKind)

    /// What is odd, and what to do, in a sentence.
    public var description: String {
        switch self {
        case .nearlyEqual(let low, let high):
            return """
                nearly all cells are from \(Self.short(low) == Self.short(high) ? "\(low)" : Self.short(low)) to \
                \(Self.short(high)) whatever the format, as the perplexities or scores of whole models are; subtract the value of \
                the original model from every cell, so that a cell is the cost of its own cast
                """
        case .inverted(let pairs, let count):
            return """
                in \(pairs) of \(count) pairs of cells the format with more bits has more impact, as in scores where more is \
                better; give the loss, such as 100 minus the score
                """
        case .belowZero(let cells, let count, let formats):
            let all = formats.isEmpty ? "" : ", all that are not 0 in \(formats.joined(separator: ", "))"
            return """
                \(cells) of \(count) cells are below zero, which no loss is but by chance, and \(cells == 1 ? "is" : "are") taken \
                for 0\(all)
                """
        case .free(let format):
            return """
                every cell of \(format) is 0, which makes it cost nothing; leave the column out if it was not measured
                """
        case .decay(let perBit, let kind):
            let fall =
                kind == .amplitude
                ? "about halve with every bit, as amplitudes do, which combine as rss"
                : "fall to about a quarter with every bit, as squared errors and losses do, which add up (sum)"
            return "the cells \(fall) (the median is a factor of \(Self.short(exp2(perBit))))"
        }
    }

    /// A number to three digits.
    private static func short(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return "\(value)" }
        let scale = pow(10, 2 - floor(log10(abs(value))))
        let rounded = (value * scale).rounded() / scale
        return rounded.isFinite ? "\(rounded)" : "\(value)"
    }
}
