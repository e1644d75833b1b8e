import Recipes
import Tensors

/// Rules that give a type to the tensors whose names match a regular expression, as several converters read them.
///
/// Every rule matches the names of certain tensors from end to end and no other name, so it does not matter whether a
/// program takes the first match or the last, searches or compares whole names.
struct TypeRules {
    /// How a converter reads its rules.
    struct Dialect {
        /// The converter's name.
        let converter: String
        /// Whether the program turns capitals in a pattern, but not in a tensor's name, into small letters.
        let lowersPatterns: Bool
        /// The beginning that names may have or lack in the file that is converted.
        let optionalPrefix: String?
        /// Whether tensors whose names differ in their first number only share a rule.
        let groupsNumbers: Bool
    }

    struct Rule {
        let pattern: String
        let type: String

        var text: String { "\(pattern)=\(type)" }
    }

    let dialect: Dialect
    let rules: [Rule]

    /// Makes rules that give each tensor its type.
    ///
    /// - Throws: `RecipeError.unsafeName(tensor:character:converter:)`.
    init(_ types: [(name: String, type: String)], dialect: Dialect) throws(RecipeError) {
        for (name, _) in types { try Self.check(name, for: dialect.converter) }
        self.dialect = dialect
        let frames = Self.frames(of: types.map(\.name), dialect)
        var groups: [Group: Int] = [:]
        var members: [(frame: Frame, type: String, numbers: [String])] = []
        for (frame, entry) in zip(frames, types) {
            let group = Group(head: frame.head, tail: frame.tail, type: entry.type)
            if let position = groups[group] {
                members[position].numbers.append(frame.number)
            } else {
                groups[group] = members.count
                members.append((frame, entry.type, [frame.number]))
            }
        }
        rules = members.map { frame, type, numbers in
            let middle = numbers.count == 1 ? numbers[0] : "(\(numbers.joined(separator: "|")))"
            return Rule(pattern: frame.patternHead + middle + frame.patternTail, type: type)
        }
    }

    /// A name around its first number, and the pattern that matches it.
    struct Frame {
        /// The name before the number.
        let head: String
        /// The number, empty where numbers are not told apart.
        let number: String
        /// The name after the number.
        let tail: String
        /// The pattern up to the number.
        let patternHead: String
        /// The pattern after the number.
        let patternTail: String
    }

    /// The frame of every name.
    static func frames(of names: [String], _ dialect: Dialect) -> [Frame] {
        let prefix = dialect.optionalPrefix ?? ""
        let bareNames = names.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
        // Where two names differ in the prefix alone, it has to be taken as it is.
        let isOptional = !prefix.isEmpty && Set(bareNames).count == names.count
        let start = isOptional ? "^(\(escaped(prefix, dialect)))?" : "^"
        return (isOptional ? bareNames : names).map { name in
            let (head, number, tail) = split(name, groupsNumbers: dialect.groupsNumbers)
            return Frame(
                head: head,
                number: number,
                tail: tail,
                patternHead: start + escaped(head, dialect),
                patternTail: escaped(tail, dialect) + "$"
            )
        }
    }

    /// Names that differ in one number.
    private struct Group: Hashable {
        let head: String
        let tail: String
        let type: String
    }

    /// What stands before and after a name's first number, and the number's digits.
    private static func split(_ name: String, groupsNumbers: Bool) -> (
        head: String, number: String, tail: String
    ) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard groupsNumbers, let start = name.utf8.firstIndex(where: digits.contains) else {
            return (name, "", "")
        }
        let number = name.utf8[start...].prefix(while: digits.contains)
        return (
            String(name[..<start]), String(name[start..<number.endIndex]), String(name[number.endIndex...])
        )
    }

    /// Refuses a name with a character that would end a pattern, a rule, a file's line or a quoted argument.
    static func check(_ name: String, for converter: String) throws(RecipeError) {
        for scalar in name.unicodeScalars {
            let character: String? =
                switch scalar {
                case ",": "a comma"
                case "=": "an equals sign"
                case "'", "\"", "`": "a quotation mark"
                case "\\": "a backslash"
                case "#": "a number sign"
                case _ where scalar.properties.isWhitespace: "white space"
                case _ where scalar.value < 0x20 || scalar.value == 0x7F: "a control character"
                case _ where !scalar.isASCII: "a character outside ASCII"
                default: nil
                }
            if let character {
                throw .unsafeName(tensor: name, character: character, converter: converter)
            }
        }
    }

    /// The name as a pattern that matches nothing else; a capital that would be lowered is matched by any character.
    private static func escaped(_ name: String, _ dialect: Dialect) -> String {
        var pattern = ""
        for scalar in name.unicodeScalars {
            if dialect.lowersPatterns, scalar.isASCII, scalar.properties.isUppercase {
                pattern += "."
                continue
            }
            if "^$.*+?()[]{}|".unicodeScalars.contains(scalar) { pattern += "\\" }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern
    }
}
