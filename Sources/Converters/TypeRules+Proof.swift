import Recipes
import Tensors

extension TypeRules {
    /// Reads what was written as the converter will, and finds the type that every tensor of the model gets.
    ///
    /// A tensor with a type must match exactly one rule, and the rule must be the right one. A tensor without a type
    /// must match none.
    ///
    /// - Parameters:
    ///   - lines: The rules as they stand in the converter's file, each `pattern=type`.
    ///   - types: The type of every tensor of the model, or nil where the converter is to be told nothing.
    /// - Throws: `RecipeError.ruleMismatch(tensor:planned:found:converter:)`.
    func prove(_ lines: [some StringProtocol], give types: [(name: String, type: String?)])
        throws(RecipeError)
    {
        var exact: [String: [String]] = [:]
        var inexact: [Int: [(name: [UInt8?], type: String)]] = [:]
        for line in lines {
            guard let equals = line.firstIndex(of: "=") else {
                throw mismatch(String(line), "one type", "nothing")
            }
            let pattern = dialect.lowersPatterns ? Self.lowered(line[..<equals]) : Array(line[..<equals].utf8)
            let type = String(line[line.index(after: equals)...])
            guard let names = PatternLanguage.names(matching: pattern) else {
                throw mismatch(String(line), "one type", "nothing")
            }
            for name in names {
                if name.contains(nil) {
                    inexact[name.count, default: []].append((name, type))
                } else {
                    exact[String(decoding: name.compactMap(\.self), as: UTF8.self), default: []].append(type)
                }
            }
        }
        for (name, type) in types {
            var found = exact[name] ?? []
            let bytes = Array(name.utf8)
            for candidate in inexact[bytes.count] ?? []
            where zip(candidate.name, bytes).allSatisfy({ $0 == nil || $0 == $1 }) {
                found.append(candidate.type)
            }
            guard found == [type].compactMap(\.self) else {
                throw mismatch(
                    name,
                    type ?? "nothing",
                    found.isEmpty ? "nothing" : found.joined(separator: " and ")
                )
            }
        }
    }

    private func mismatch(_ name: String, _ planned: String, _ found: String) -> RecipeError {
        .ruleMismatch(tensor: name, planned: planned, found: found, converter: dialect.converter)
    }

    /// The pattern as C's `tolower` leaves it.
    private static func lowered(_ pattern: some StringProtocol) -> [UInt8] {
        pattern.utf8.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 + 32 : $0 }
    }
}
