public import Text

/// What can be wrong with a tensor, a size, a pattern or a grouping.
public enum TensorError: Error, Hashable, Sendable {
    /// A tensor's name is empty.
    case emptyName
    /// A tensor has no dimension.
    case emptyShape(tensor: String)
    /// A dimension, counted from 0 at the outermost, is below 1.
    case dimensionTooSmall(tensor: String, index: Int, size: Int)
    /// A tensor has more than ``TensorInfo/maximumElementCount`` elements.
    case tooManyElements(tensor: String)
    /// All tensors together have more than ``TensorInfo/maximumElementCount`` elements.
    case modelTooLarge

    /// A text is not a size.
    case unreadableSize(String)
    /// A size has a fraction but no unit.
    case sizeWithoutUnit(String)
    /// A size has a unit of one letter, which may mean powers of 1000 or of 1024.
    case ambiguousUnit(String, letter: String)
    /// A size is below one byte.
    case zeroSize(String)
    /// A size is below zero.
    case negativeSize(String)
    /// A size is above `Int.max` bytes.
    case sizeTooLarge(String)

    /// A pattern is empty.
    case emptyPattern
    /// A pattern has a `[` without its `]`.
    case unclosedSet(pattern: String)
    /// A pattern has a set with nothing in it.
    case emptySet(pattern: String)
    /// A pattern has a set that begins with `!` or `^`, which shells read as "anything but".
    case negatedSet(pattern: String)
    /// A pattern has a range whose first character comes after its last.
    case reversedRange(pattern: String, range: String)
    /// A pattern has a `{` without its `}`.
    case unclosedBraces(pattern: String)
    /// A pattern has a `*` or braces between braces.
    case badBraces(pattern: String)
    /// The alternatives of a pattern stand for more than ``Glob/maximumAlternatives`` patterns.
    case tooManyAlternatives(pattern: String)
    /// A layer template cannot be read.
    case malformedTemplate(String, part: String)
    /// A layer template asks for a capture that its pattern does not make.
    case missingCapture(template: String, capture: Int, pattern: String)

    /// Two tensors have the same name.
    case duplicateTensor(String)
    /// No rule of a grouping says what to do with these tensors.
    case uncoveredTensors([String], grouping: String)
    /// A tensor is to be kept in a format whose block does not divide its row.
    case formatDoesNotFit(tensor: String, format: String, rowLength: Int)

    /// A name that is neither that of a built-in grouping nor of a file, and the built-in ones.
    case unknownGrouping(String, known: [String])
    /// A grouping's file cannot be read.
    case file(FileError)
    /// A grouping that a user wrote is not as ``LayerGroupingReader`` wants it.
    case badGrouping(source: String, line: Int, problem: String)

    /// A format that a user defines has a name or a size that cannot be, and why.
    case unusableFormat(String, reason: String)

    /// An alignment is not a power of two.
    case badAlignment(Int)
    /// A header's size is below zero.
    case negativeHeader(Int)
}

extension TensorError: CategorizedError {
    /// That of the file where one is to blame; else what is wrong is in an input.
    public var category: ErrorCategory {
        switch self {
        case .file(let error): error.category
        case .unknownGrouping: .missingInput
        default: .badData
        }
    }
}
