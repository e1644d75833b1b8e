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
    /// - Throws: ``RecipeError/unsafeName(tensor:character:converter:)``.
    init(_ types: [(name: String, type: String)], dialect: Dialect) throws(RecipeError) {
        for (name, _) in types { try Self.check(name, for: dialect.converter) }
        self.dialect = dialect
        let prefix = dialect.optionalPrefix ?? ""
        let bareNames = types.map {
            $0.name.hasPrefix(prefix) ? String($0.name.dropFirst(prefix.count)) : $0.name
        }
        // Where two names differ in the prefix alone, it has to be taken as it is.
        let isOptional = !prefix.isEmpty && Set(bareNames).count == types.count
        let start = isOptional ? "^(\(Self.escaped(prefix, dialect)))?" : "^"

        var groups: [Group: Int] = [:]
        var members: [(group: Group, numbers: [String])] = []
        for (index, entry) in types.enumerated() {
            let name = isOptional ? bareNames[index] : entry.name
            let (group, number) = Self.split(name, type: entry.type, groupsNumbers: dialect.groupsNumbers)
            if let position = groups[group] {
                members[position].numbers.append(number)
            } else {
                groups[group] = members.count
                members.append((group, [number]))
            }
        }
        rules = members.map { group, numbers in
            let middle = numbers.count == 1 ? numbers[0] : "(\(numbers.joined(separator: "|")))"
            let pattern =
                start + Self.escaped(group.head, dialect) + middle + Self.escaped(group.tail, dialect) + "$"
            return Rule(pattern: pattern, type: group.type)
        }
    }

    /// Names that differ in one number.
    private struct Group: Hashable {
        let head: String
        let tail: String
        let type: String
    }

    /// What stands before and after a name's first number, and the number's digits.
    private static func split(_ name: String, type: String, groupsNumbers: Bool) -> (Group, String) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard groupsNumbers, let start = name.utf8.firstIndex(where: digits.contains) else {
            return (Group(head: name, tail: "", type: type), "")
        }
        let number = name.utf8[start...].prefix(while: digits.contains)
        return (
            Group(head: String(name[..<start]), tail: String(name[number.endIndex...]), type: type),
            String(name[start..<number.endIndex])
        )
    }

    /// Refuses a name with a character that would end a pattern, a rule, a file's line or a quoted argument.
    private static func check(_ name: String, for converter: String) throws(RecipeError) {
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
