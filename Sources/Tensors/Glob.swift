/// A pattern for the names of tensors and layers.
///
/// A pattern matches a whole name, and the case of letters matters:
///
/// | pattern | matches |
/// |---|---|
/// | `*` | any run of characters, also none; captured |
/// | `?` | any one character |
/// | `[abc]`, `[0-9]` | one character of the set |
/// | `{gate,up}` | one of these texts, which may have `?` and sets in them |
/// | anything else | itself |
///
/// `[*]`, `[?]`, `[[]` and `[{]` match those characters themselves. A character is a Unicode scalar, compared exactly.
public struct Glob: Hashable, Sendable, CustomStringConvertible {
    /// The pattern as it was written.
    public let pattern: String

    /// The number of `*` in the pattern, which is the number of captures of a match.
    public let captureCount: Int

    /// The most patterns that the alternatives of one pattern may stand for.
    public static let maximumAlternatives = 1_000

    /// What the pattern may be, one list for each choice of alternatives.
    private let choices: [[Part]]

    private enum Part: Hashable, Sendable {
        case run
        case one
        case set([ClosedRange<Unicode.Scalar>])
        case literal(Unicode.Scalar)

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .run: false
            case .one: true
            case .set(let ranges): ranges.contains { $0.contains(scalar) }
            case .literal(let literal): literal == scalar
            }
        }
    }

    /// Reads a pattern.
    ///
    /// - Throws: ``TensorError/emptyPattern``, ``TensorError/unclosedSet(pattern:)``,
    ///   ``TensorError/emptySet(pattern:)``, ``TensorError/negatedSet(pattern:)``,
    ///   ``TensorError/reversedRange(pattern:range:)``, ``TensorError/unclosedBraces(pattern:)``,
    ///   ``TensorError/badBraces(pattern:)`` and ``TensorError/tooManyAlternatives(pattern:)``.
    public init(_ pattern: String) throws(TensorError) {
        guard !pattern.isEmpty else { throw .emptyPattern }
        var choices: [[Part]] = [[]]
        var rest = pattern.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "{" else {
                let part = try Self.part(scalar, from: &rest, of: pattern)
                for index in choices.indices { choices[index].append(part) }
                continue
            }
            let alternatives = try Self.readAlternatives(from: &rest, of: pattern)
            guard choices.count * alternatives.count <= Self.maximumAlternatives else {
                throw .tooManyAlternatives(pattern: pattern)
            }
            choices = choices.flatMap { choice in alternatives.map { choice + $0 } }
        }
        self.pattern = pattern
        self.captureCount = choices[0].count { $0 == .run }
        self.choices = choices
    }

    private static func part(
        _ scalar: Unicode.Scalar,
        from rest: inout Substring.UnicodeScalarView,
        of pattern: String
    ) throws(TensorError) -> Part {
        switch scalar {
        case "*": .run
        case "?": .one
        case "[": .set(try readSet(from: &rest, of: pattern))
        default: .literal(scalar)
        }
    }

    /// Reads alternatives up to their `}`, the `{` being read already.
    private static func readAlternatives(
        from rest: inout Substring.UnicodeScalarView,
        of pattern: String
    ) throws(TensorError) -> [[Part]] {
        var alternatives: [[Part]] = [[]]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "}": return alternatives
            case ",": alternatives.append([])
            // A run would be captured in some of the alternatives only.
            case "*", "{": throw .badBraces(pattern: pattern)
            default:
                let part = try part(scalar, from: &rest, of: pattern)
                alternatives[alternatives.count - 1].append(part)
            }
        }
        throw .unclosedBraces(pattern: pattern)
    }

    /// Reads a set up to its `]`, the `[` being read already.
    private static func readSet(
        from rest: inout Substring.UnicodeScalarView,
        of pattern: String
    ) throws(TensorError) -> [ClosedRange<Unicode.Scalar>] {
        guard let end = rest.firstIndex(of: "]") else { throw .unclosedSet(pattern: pattern) }
        var members = rest[..<end]
        rest = rest[rest.index(after: end)...]
        guard let first = members.first else { throw .emptySet(pattern: pattern) }
        guard first != "!", first != "^" else { throw .negatedSet(pattern: pattern) }

        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let lower = members.popFirst() {
            // A hyphen at the end of a set stands for itself.
            guard members.first == "-", members.count > 1 else {
                ranges.append(lower...lower)
                continue
            }
            members.removeFirst()
            let upper = members.removeFirst()
            guard lower <= upper else { throw .reversedRange(pattern: pattern, range: "\(lower)-\(upper)") }
            ranges.append(lower...upper)
        }
        return ranges
    }

    /// The pattern as it was written.
    public var description: String { pattern }

    /// The runs that the pattern's `*` stand for, in order, or nil if the pattern does not match the whole text.
    ///
    /// Of all ways to match, it is the one where the first `*` takes as little as it can, then the second, and so
    /// on (each is lazy); what the last one takes follows. `a*.*` takes `b` and `c.d` from `ab.c.d`. Of alternatives the first
    /// that matches counts.
    ///
    /// - Complexity: O(*n* · *m*) for a text of *n* characters and a pattern of *m*, for each choice of alternatives.
    public func match(_ text: String) -> [Substring]? {
        for parts in choices {
            if let captures = Self.match(text, parts) { return captures }
        }
        return nil
    }

    private static func match(_ text: String, _ parts: [Part]) -> [Substring]? {
        let scalars = text.unicodeScalars
        var position = scalars.startIndex
        var part = parts.startIndex
        var captures: [Range<String.Index>] = []
        var partAfterRun: Int?
        while position < scalars.endIndex || part < parts.endIndex {
            if part < parts.endIndex {
                if parts[part] == .run {
                    captures.append(position..<position)
                    part += 1
                    partAfterRun = part
                    continue
                }
                if position < scalars.endIndex, parts[part].matches(scalars[position]) {
                    position = scalars.index(after: position)
                    part += 1
                    continue
                }
            }
            // What stands before the last run was matched as early as possible, so it never needs to move: only
            // the last run is made longer, which is what keeps the time from growing exponentially.
            guard let resume = partAfterRun, let run = captures.popLast(), run.upperBound < scalars.endIndex
            else { return nil }
            position = scalars.index(after: run.upperBound)
            captures.append(run.lowerBound..<position)
            part = resume
        }
        return captures.map { text[$0] }
    }

    /// Whether the pattern matches the whole text.
    public func matches(_ text: String) -> Bool {
        match(text) != nil
    }
}
