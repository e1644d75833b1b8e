/// What can be wrong with a row that is to be cast.
public enum QuantizationError: Error, Hashable, Sendable {
    /// The format's block does not divide the row.
    case incompleteBlock(format: String, elements: Int, blockElements: Int)
    /// The number of importances, or of weights of errors, is not that of the row's elements.
    case weightCount(Int, elements: Int)
    /// A weight of the row is infinite or NaN; positions count from 0.
    case nonFiniteElement(position: Int)
    /// An importance, or the weight of an error, is negative, infinite or NaN; positions count from 0.
    case invalidWeight(position: Int)
    /// The format's encoder works with importance only.
    case missingImportance(format: String)
    /// The number of bytes is not that of a row in the format.
    case byteCount(Int, expected: Int)
}

extension QuantizationError: CustomStringConvertible {
    /// What is wrong and the remedy, in one clause.
    public var description: String {
        switch self {
        case .incompleteBlock(let format, let elements, let blockElements):
            "a row of \(elements) elements is not a whole number of \(format) blocks of \(blockElements); "
                + "choose a format whose block divides the row"
        case .weightCount(let count, let elements):
            "there are \(count) importances for a row of \(elements) elements; give one for each"
        case .nonFiniteElement(let position):
            "element \(position) of the row is infinite or not a number and cannot be cast; check the source tensor"
        case .invalidWeight(let position):
            "the importance of element \(position) is negative, infinite or not a number; "
                + "give finite importances from zero on"
        case .missingImportance(let format):
            "\(format) cannot be encoded without importance; give that of each element, or choose another format"
        case .byteCount(let count, let expected):
            "there are \(count) bytes where the row takes \(expected); check the row's length and format"
        }
    }
}
