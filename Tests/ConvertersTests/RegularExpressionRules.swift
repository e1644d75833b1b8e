import Foundation

/// Rules `pattern=type` matched by a regular expression engine that is not the project's own.
struct RegularExpressionRules {
    enum Precedence {
        case first
        case last
    }

    private let rules: [(expression: NSRegularExpression, type: String)]

    /// Reads rules, each split at its first `=`; the pattern alone is lowered where the program does that.
    init(_ lines: [String], lowersPatterns: Bool = false) throws {
        rules = try lines.map { line in
            let equals = try Self.require(line.firstIndex(of: "="), line)
            let pattern = String(line[..<equals])
            return (
                try NSRegularExpression(pattern: lowersPatterns ? pattern.lowercased() : pattern),
                String(line[line.index(after: equals)...])
            )
        }
    }

    struct NoType: Error {
        let line: String
    }

    private static func require(_ index: String.Index?, _ line: String) throws -> String.Index {
        guard let index else { throw NoType(line: line) }
        return index
    }

    /// The types of all rules that are found in a name, in the rules' order.
    func types(of name: String) -> [String] {
        let range = NSRange(location: 0, length: name.utf16.count)
        return rules.compactMap { rule in
            rule.expression.firstMatch(in: name, range: range) == nil ? nil : rule.type
        }
    }

    func type(of name: String, _ precedence: Precedence = .first) -> String? {
        let types = types(of: name)
        return precedence == .first ? types.first : types.last
    }
}
