extension TensorError: CustomStringConvertible {
    /// What is wrong and, where there is one, the remedy, in one clause.
    public var description: String {
        switch self {
        case .emptyName:
            "a tensor has an empty name; give it one"
        case .emptyShape(let tensor):
            "tensor \(quoted(tensor)) has no dimension; a single number has the shape [1]"
        case .dimensionTooSmall(let tensor, let index, let size):
            "dimension \(index) of tensor \(quoted(tensor)) is \(size); it must be at least 1"
        case .tooManyElements(let tensor):
            "tensor \(quoted(tensor)) has more than 2^56 elements; check its shape"
        case .modelTooLarge:
            "the tensors together have more than 2^56 elements; check their shapes"
        case .unreadableSize(let text):
            "\(quoted(text)) is not a size; write it like 9GB, 8.5GiB or 9000000000"
        case .sizeWithoutUnit(let text):
            "\(quoted(text)) is not a whole number of bytes and has no unit; add one, such as GB or GiB"
        case .ambiguousUnit(let text, let letter):
            "the unit of \(quoted(text)) may mean two sizes; write \(letter)B for powers of 1000 or \(letter)iB "
                + "for powers of 1024"
        case .zeroSize(let text):
            "\(quoted(text)) is less than one byte; give a size above zero"
        case .negativeSize(let text):
            "\(quoted(text)) is below zero; give a size above zero"
        case .sizeTooLarge(let text):
            "\(quoted(text)) is more than \(Int.max) bytes; give a smaller size"
        case .emptyPattern:
            "the pattern is empty; write * to match every name"
        case .unclosedSet(let pattern):
            "the pattern \(quoted(pattern)) has a [ without its ]; close it, or write [[] for the character itself"
        case .emptySet(let pattern):
            "the pattern \(quoted(pattern)) has an empty set []; put characters or a range such as 0-9 into it"
        case .negatedSet(let pattern):
            "the pattern \(quoted(pattern)) has a set that begins with ! or ^, and sets cannot be negated; "
                + "list what it should match"
        case .reversedRange(let pattern, let range):
            "the pattern \(quoted(pattern)) has the range \(range), which is backwards; write the smaller "
                + "character first"
        case .unclosedBraces(let pattern):
            "the pattern \(quoted(pattern)) has a '{' without its '}'; close it, or write [{] for the character itself"
        case .badBraces(let pattern):
            "the pattern \(quoted(pattern)) has a '*' or a '{' between braces; write alternatives such as {gate,up} without them"
        case .tooManyAlternatives(let pattern):
            "the pattern \(quoted(pattern)) stands for more than \(Glob.maximumAlternatives) patterns; use fewer alternatives"
        case .malformedTemplate(let template, let part):
            "the layer template \(quoted(template)) has \(quoted(part)), which cannot be read; write a capture as "
                + "{1}, {1:02} or {1+19:02}"
        case .missingCapture(let template, let capture, let pattern):
            "the layer template \(quoted(template)) uses capture \(capture), which the pattern "
                + "\(quoted(pattern)) does not make; add a * to the pattern"
        case .duplicateTensor(let name):
            "two tensors are named \(quoted(name)); a model names each tensor once"
        case .uncoveredTensors(let names, let grouping):
            "the grouping \(quoted(grouping)) has no rule for \(listed(names)); use another grouping or add rules"
        case .formatDoesNotFit(let tensor, let format, let rowLength):
            "tensor \(quoted(tensor)) cannot be kept in \(format), whose block does not divide its row of "
                + "\(rowLength); keep it in another format"
        case .unknownGrouping(let name, let known):
            "there is no grouping and no file of rules by the name \(quoted(name)); the groupings are "
                + known.map { "'\($0)'" }.joined(separator: ", ")
        case .noSuchFile(let path):
            "there is no file \(quoted(path)); check its path"
        case .unreadableFile(let path, let reason):
            "\(quoted(path)) cannot be read (\(reason)); check that it is a file and that you may read it"
        case .badGrouping(let source, let line, let problem):
            "the grouping in \(quoted(source)) is wrong on line \(line): \(problem)"
        case .unusableFormat(let name, let reason):
            "the format \(quoted(name)) cannot be defined: \(reason)"
        case .badAlignment(let alignment):
            "the alignment \(alignment) is not a power of two; use one, such as 32"
        case .negativeHeader(let bytes):
            "a header cannot have \(bytes) bytes; give zero or more"
        }
    }

    /// The text in quotation marks, its control characters escaped, so that no name can garble a terminal.
    private func quoted(_ text: String) -> String {
        text.debugDescription
    }

    private func listed(_ names: [String]) -> String {
        let shown = 10
        let list = names.prefix(shown).map(quoted).joined(separator: ", ")
        let count = names.count == 1 ? "tensor" : "\(names.count) tensors:"
        return names.count > shown ? "\(count) \(list) and \(names.count - shown) more" : "\(count) \(list)"
    }
}
