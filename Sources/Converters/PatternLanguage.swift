/// Every name that a regular expression of a narrow kind matches.
///
/// The expressions are those that ``TypeRules`` writes, and a few more: anchored at both ends, with characters that stand
/// for themselves, escaped or not, `.` for any one character, and groups of alternatives `(a|b)`, which `?` makes
/// optional. So the names can be listed, and to look a name up in the list is the same as to match it.
enum PatternLanguage {
    /// The most names that one expression may match.
    private static let limit = 1_000_000

    /// The names that the expression matches, byte by byte, nil standing for any byte; nil if it is not of the kind.
    static func names(matching pattern: [UInt8]) -> [[UInt8?]]? {
        var rest = pattern[...]
        guard rest.popFirst() == UInt8(ascii: "^"), rest.popLast() == UInt8(ascii: "$") else { return nil }
        // A backslash before the last character would make it stand for itself.
        guard rest.reversed().prefix(while: { $0 == UInt8(ascii: "\\") }).count.isMultiple(of: 2) else {
            return nil
        }
        var names: [[UInt8?]] = [[]]
        while let byte = rest.first {
            guard byte == UInt8(ascii: "(") else {
                guard let byte = character(&rest) else { return nil }
                for index in names.indices { names[index].append(byte.value) }
                continue
            }
            rest.removeFirst()
            guard let alternatives = alternatives(&rest), names.count * alternatives.count <= limit else {
                return nil
            }
            names = names.flatMap { name in alternatives.map { name + $0 } }
        }
        return names
    }

    private struct Character {
        let value: UInt8?
    }

    /// Reads one character that stands for itself, or `.`.
    private static func character(_ rest: inout ArraySlice<UInt8>) -> Character? {
        guard let byte = rest.popFirst() else { return nil }
        switch byte {
        case UInt8(ascii: "\\"):
            // Letters and digits mean something else after a backslash.
            guard let escaped = rest.popFirst(), isPunctuation(escaped) else { return nil }
            return Character(value: escaped)
        case UInt8(ascii: "."): return Character(value: nil)
        case _ where "^$*+?()[]{}|".utf8.contains(byte): return nil
        default: return Character(value: byte)
        }
    }

    /// Reads what stands after a `(`, up to the `)` and a `?` that may follow.
    private static func alternatives(_ rest: inout ArraySlice<UInt8>) -> [[UInt8?]]? {
        var alternatives: [[UInt8?]] = [[]]
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "|"):
                rest.removeFirst()
                alternatives.append([])
            case UInt8(ascii: ")"):
                rest.removeFirst()
                if rest.first == UInt8(ascii: "?") {
                    rest.removeFirst()
                    alternatives.append([])
                }
                return alternatives
            default:
                guard let character = character(&rest) else { return nil }
                alternatives[alternatives.count - 1].append(character.value)
            }
        }
        return nil
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            false
        default: byte > 0x20 && byte < 0x7F
        }
    }
}
