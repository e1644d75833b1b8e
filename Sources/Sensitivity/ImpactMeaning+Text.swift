import Text
import Tensors

extension ImpactMeaning {
    /// What the cells of Table 3 of a sensitivity analysis are: the formula's losses enter by their roots.
    static let tableThree = ImpactMeaning(kind: .amplitude, unit: "S·sqrt(L/R)")

    /// The meaning as comments, each on a line that ends; empty where nothing is known.
    ///
    /// A comment begins with `#`, the prefix that CSV readers are told by default (W3C, Metadata Vocabulary for Tabular
    /// Data, section 5.9, `commentPrefix`).
    var comments: String {
        guard self != .unknown else { return "" }
        var text = "# kind: \(kind.rawValue)\n"
        if let unit { text += "# unit: \(unit)\n" }
        if let method { text += "# method: \(method)\n" }
        if let importance { text += "# importance: \(importance.digest) \(importance.name)\n" }
        return text
    }

    /// The meaning as members of a JSON object; `null` stands for what is not known.
    var jsonMembers: [JSONValue.Member] {
        [
            .init(key: "kind", value: .string(kind.rawValue)),
            .init(key: "unit", value: unit.map(JSONValue.string) ?? .null),
            .init(key: "method", value: method.map(JSONValue.string) ?? .null),
            .init(
                key: "importance",
                value: importance.map { ["name": .string($0.name), "digest": .string($0.digest)] } ?? .null
            ),
        ]
    }

    /// The comments in front of the first line with content.
    static func leadingComments(in lines: [TextLine]) -> [TextLine] {
        lines.prefix { $0.isBlank || $0.text.hasPrefix("#") }.filter { !$0.isBlank }
    }

    /// Reads the meaning from comments, or nil if none of them says anything of it.
    ///
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` for a kind or a digest that is none, and for a key that
    ///   stands twice.
    init?(comments: [TextLine], file: String) throws(SensitivityError) {
        var values: [Substring: (text: Substring, line: Int)] = [:]
        for comment in comments {
            let text = CellText.trimmed(comment.text.drop { $0 == "#" })
            guard let colon = text.firstIndex(of: ":") else { continue }
            let key = CellText.trimmed(text[..<colon])
            guard ["kind", "unit", "method", "importance"].contains(key) else { continue }
            let value = CellText.trimmed(text[text.index(after: colon)...])
            guard values.updateValue((value, comment.number), forKey: key) == nil else {
                throw TextPosition(file: file, line: comment.number).error(
                    .unexpectedValue("the comment '\(key)' stands twice", expected: "each of them once")
                )
            }
        }
        guard !values.isEmpty else { return nil }
        let kind = try values["kind"].map { text, line throws(SensitivityError) in
            try Self.kind(text, at: TextPosition(file: file, line: line))
        }
        let importance = try values["importance"].map { text, line throws(SensitivityError) in
            let parts = text.split(separator: " ", maxSplits: 1)
            guard let digest = parts.first, digest.contains(":") else {
                throw TextPosition(file: file, line: line).error(
                    .unexpectedValue(
                        "the importance \(Excerpt(String(text)))",
                        expected: "its digest and its name"
                    )
                )
            }
            return ImportanceReference(name: String(parts.last ?? digest), digest: String(digest))
        }
        self.init(
            kind: kind ?? .unknown,
            unit: values["unit"].map { String($0.text) },
            method: values["method"].map { String($0.text) },
            importance: importance
        )
    }

    /// Reads the meaning from the members of an object, or nil if none of them says anything of it.
    ///
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    init?(_ members: JSONMembers, file: String) throws(SensitivityError) {
        let keys = ["kind", "unit", "method", "importance"]
        guard keys.contains(where: { members[$0] != nil }) else { return nil }
        func text(_ key: String, of members: JSONMembers) throws(SensitivityError) -> (String, line: Int)? {
            guard let node = members[key] else { return nil }
            switch node.value {
            case .null: return nil
            case .string(let text): return (text, node.line)
            default: throw members.unexpected(node, member: key, expected: "a string or null")
            }
        }
        let kind = try text("kind", of: members).map { text, line throws(SensitivityError) in
            try Self.kind(text[...], at: TextPosition(file: file, line: line))
        }
        var importance: ImportanceReference?
        if let node = members["importance"] {
            if case .null = node.value {
            } else {
                let parts = try JSONMembers(node, place: "'importance'", file: file)
                guard let name = try text("name", of: parts)?.0, let digest = try text("digest", of: parts)?.0
                else { throw parts.unexpected(node, member: "importance", expected: "a name and a digest") }
                importance = ImportanceReference(name: name, digest: digest)
            }
        }
        self.init(
            kind: kind ?? .unknown,
            unit: try text("unit", of: members)?.0,
            method: try text("method", of: members)?.0,
            importance: importance
        )
    }

    private static func kind(
        _ text: Substring,
        at position: TextPosition
    ) throws(SensitivityError) -> ImpactKind {
        guard let kind = ImpactKind(rawValue: text.lowercased()) else {
            throw position.error(
                .unexpectedValue(
                    "the kind \(Excerpt(String(text))) is not known",
                    expected: ImpactKind.allCases.map(\.rawValue).joined(separator: ", ")
                )
            )
        }
        return kind
    }
}
