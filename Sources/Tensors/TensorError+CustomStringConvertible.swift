import Text

extension TensorError: CustomStringConvertible {
    /// What is wrong and, where there is one, the remedy, in one clause.
    public var description: String {
        switch self {
        case .emptyName:
            "a tensor has an empty name; give it one"
        case .emptyShape(let tensor):
            "tensor \(tensor.quoted) has no dimension; a single number has the shape [1]"
        case .dimensionTooSmall(let tensor, let index, let size):
            "dimension \(index) of tensor \(tensor.quoted) is \(size); it must be at least 1"
        case .tooManyElements(let tensor):
            "tensor \(tensor.quoted) has more than 2^56 elements; check its shape"
        case .modelTooLarge:
            "the tensors together have more than 2^56 elements; check their shapes"
        case .unreadableSize(let text):
            "\(text.quoted) is not a size; write it like 9GB, 8.5GiB or 9000000000"
        case .sizeWithoutUnit(let text):
            "\(text.quoted) is not a whole number of bytes and has no unit; add one, such as GB or GiB"
        case .ambiguousUnit(let text, let letter):
            "the unit of \(text.quoted) may mean two sizes; write \(letter)B for powers of 1000 or \(letter)iB "
                + "for powers of 1024"
        case .zeroSize(let text):
            "\(text.quoted) is less than one byte; give a size above zero"
        case .negativeSize(let text):
            "\(text.quoted) is below zero; give a size above zero"
        case .sizeTooLarge(let text):
            "\(text.quoted) is more than \(Int.max) bytes; give a smaller size"
        case .emptyPattern:
            "the pattern is empty; write * to match every name"
        case .unclosedSet(let pattern):
            "the pattern \(pattern.quoted) has a [ without its ]; close it, or write [[] for the character itself"
        case .emptySet(let pattern):
            "the pattern \(pattern.quoted) has an empty set []; put characters or a range such as 0-9 into it"
        case .negatedSet(let pattern):
            "the pattern \(pattern.quoted) has a set that begins with ! or ^, and sets cannot be negated; "
                + "list what it should match"
        case .reversedRange(let pattern, let range):
            "the pattern \(pattern.quoted) has the range \(range.visible), which is backwards; write the smaller "
                + "character first"
        case .unclosedBraces(let pattern):
            "the pattern \(pattern.quoted) has a '{' without its '}'; close it, or write [{] for the character itself"
        case .badBraces(let pattern):
            "the pattern \(pattern.quoted) has a '*' or a '{' between braces; write alternatives such as {gate,up} without them"
        case .tooManyAlternatives(let pattern):
            "the pattern \(pattern.quoted) stands for more than \(Glob.maximumAlternatives) patterns; use fewer alternatives"
        case .malformedTemplate(let template, let part):
            "the layer template \(template.quoted) has \(part.quoted), which cannot be read; write a capture as "
                + "{1}, {1:02} or {1+19:02}"
        case .missingCapture(let template, let capture, let pattern):
            "the layer template \(template.quoted) uses capture \(capture), which the pattern "
                + "\(pattern.quoted) does not make; add a * to the pattern"
        case .duplicateTensor(let name):
            "two tensors are named \(name.quoted); a model names each tensor once"
        case .uncoveredTensors(let names, let grouping):
            "the grouping \(grouping.quoted) has no rule for \(listed(names)); use another grouping or add rules"
        case .formatDoesNotFit(let tensor, let format, let rowLength):
            "tensor \(tensor.quoted) cannot be kept in \(format), whose block does not divide its row of "
                + "\(rowLength); keep it in another format"
        case .unknownGrouping(let name, let known):
            "there is no grouping and no file of rules by the name \(name.quoted); the groupings are "
                + known.map(\.quoted).joined(separator: ", ")
        case .file(let error):
            error.description
        case .badGrouping(let source, let line, let problem):
            "the grouping in \(source.quoted) is wrong on line \(line): \(problem)"
        case .unusableFormat(let name, let reason):
            "the format \(name.quoted) cannot be defined: \(reason)"
        case .badAlignment(let alignment):
            "the alignment \(alignment) is not a power of two; use one, such as 32"
        case .negativeHeader(let bytes):
            "a header cannot have \(bytes) bytes; give zero or more"
        }
    }

    private func listed(_ names: [String]) -> String {
        "\(names.count == 1 ? "tensor" : "\(names.count) tensors:") \(names.listed(atMost: 10))"
    }
}
