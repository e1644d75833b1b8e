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

    /// What the pattern may be, one for each choice of alternatives.
    private let choices: [Choice]

    /// The parts of a pattern without alternatives, with what every name that it matches begins and ends with.
    private struct Choice: Hashable, Sendable {
        let parts: [Part]
        /// The literals in front of the first other part, in UTF-8.
        let beginning: [UInt8]
        /// The literals behind the last other part, in UTF-8; none where all are literals.
        let ending: [UInt8]
        /// Whether a run is all there is, which matches every name as a whole.
        let isRun: Bool

        init(_ parts: [Part]) {
            self.parts = parts
            let first = parts.prefix { $0.literal != nil }
            beginning = Self.bytes(of: first)
            let other = parts.lastIndex { $0.literal == nil }
            ending = other.map { Self.bytes(of: parts[($0 + 1)...]) } ?? []
            isRun = parts == [.run]
        }

        private static func bytes(of literals: ArraySlice<Part>) -> [UInt8] {
            literals.compactMap(\.literal).flatMap { Array(String($0).utf8) }
        }

        /// Whether a name begins and ends as those that are matched; nearly all others are told apart by that.
        func mayMatch(_ name: String) -> Bool {
            let isPossible = name.utf8.withContiguousStorageIfAvailable { bytes in
                bytes.count >= beginning.count + ending.count
                    && beginning.indices.allSatisfy { beginning[$0] == bytes[$0] }
                    && ending.indices.allSatisfy { ending[$0] == bytes[bytes.count - ending.count + $0] }
            }
            return isPossible ?? true
        }
    }

    private enum Part: Hashable, Sendable {
        case run
        case one
        case set([ClosedRange<Unicode.Scalar>])
        case literal(Unicode.Scalar)

        /// The character that the part stands for, where it stands for itself.
        var literal: Unicode.Scalar? {
            guard case .literal(let scalar) = self else { return nil }
            return scalar
        }

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
        self.choices = choices.map(Choice.init)
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
        for choice in choices where choice.mayMatch(text) {
            if choice.isRun { return [text[...]] }
            if let captures = Self.match(text, choice.parts) { return captures }
        }
        return nil
    }

    private static func match(_ text: String, _ parts: [Part]) -> [Substring]? {
        let start = text.startIndex
        let found = text.utf8.withContiguousStorageIfAvailable { bytes -> [Range<Int>]?? in
            guard bytes.allSatisfy({ $0 < 0x80 }) else { return .none }
            return .some(captures(parts, count: bytes.count) { Unicode.Scalar(bytes[$0]) })
        }
        if let found, let captures = found {
            // Every character is a byte.
            return captures?.map {
                text[
                    text.utf8.index(
                        start,
                        offsetBy: $0.lowerBound
                    )..<text.utf8.index(start, offsetBy: $0.upperBound)
                ]
            }
        }
        let indices = Array(text.unicodeScalars.indices) + [text.endIndex]
        let scalars = Array(text.unicodeScalars)
        return captures(parts, count: scalars.count) { scalars[$0] }?.map {
            text[indices[$0.lowerBound]..<indices[$0.upperBound]]
        }
    }

    /// What the runs among some parts stand for in a text, in positions of its characters, or nil if the parts do not match it.
    @inline(__always)
    private static func captures(
        _ parts: [Part],
        count: Int,
        _ scalar: (Int) -> Unicode.Scalar
    ) -> [Range<Int>]? {
        var position = 0
        var part = parts.startIndex
        var captures: [Range<Int>] = []
        var partAfterRun: Int?
        while position < count || part < parts.endIndex {
            if part < parts.endIndex {
                if case .run = parts[part] {
                    captures.append(position..<position)
                    part += 1
                    partAfterRun = part
                    continue
                }
                if position < count, parts[part].matches(scalar(position)) {
                    position += 1
                    part += 1
                    continue
                }
            }
            // What stands before the last run was matched as early as possible, so it never needs to move: only
            // the last run is made longer, which is what keeps the time from growing exponentially.
            guard let resume = partAfterRun, let run = captures.popLast(), run.upperBound < count
            else { return nil }
            position = run.upperBound + 1
            captures.append(run.lowerBound..<position)
            part = resume
        }
        return captures
    }

    /// Whether the pattern matches the whole text.
    public func matches(_ text: String) -> Bool {
        choices.contains { $0.isRun || $0.mayMatch(text) && Self.match(text, $0.parts) != nil }
    }
}
