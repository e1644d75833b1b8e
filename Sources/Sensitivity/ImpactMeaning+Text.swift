import Text
import Tensors

extension ImpactMeaning {
    /// What the cells of Table 3 of a sensitivity analysis are: the formula's losses enter by their roots.
    static let tableThree = ImpactMeaning(kind: .amplitude, unit: "S·sqrt(L/R)")

    /// What a table may say of its cells.
    private static let keys: Set<String> = [
        "kind", "unit", "method", "uncertainty", "gradients", "importance", "filled",
    ]

    /// The meaning as comments, each on a line that ends; the first says the kind, unknown too, by which a table is known as the
    /// program's own.
    ///
    /// A comment begins with `#`, the prefix that CSV readers are told by default (W3C, Metadata Vocabulary for Tabular
    /// Data, section 5.9, `commentPrefix`).
    var comments: String {
        var text = "# kind: \(kind.rawValue)\n"
        if let unit { text += "# unit: \(unit)\n" }
        if let method { text += "# method: \(method)\n" }
        if let uncertainty { text += "# uncertainty: \(uncertainty)\n" }
        if let gradients { text += "# gradients: \(gradients.digest) \(gradients.name)\n" }
        if let importance {
            text += "# importance: \(importance.digest) \(importance.name)\n"
            if !importance.filled.isEmpty {
                text += "# filled: \(importance.filled.joined(separator: ", "))\n"
            }
        }
        return text
    }

    /// The meaning as members of a JSON object; `null` stands for what is not known, and gradients are left out.
    var jsonMembers: [JSONValue.Member] {
        var members = commonMembers
        if let uncertainty { members.append(.init(key: "uncertainty", value: .number(uncertainty))) }
        if let gradients {
            let reference: JSONValue = ["name": .string(gradients.name), "digest": .string(gradients.digest)]
            members.append(.init(key: "gradients", value: reference))
        }
        return members
    }

    private var commonMembers: [JSONValue.Member] {
        [
            .init(key: "kind", value: .string(kind.rawValue)),
            .init(key: "unit", value: unit.map(JSONValue.string) ?? .null),
            .init(key: "method", value: method.map(JSONValue.string) ?? .null),
            .init(
                key: "importance",
                value: importance.map { importance in
                    var members: [JSONValue.Member] = [
                        .init(key: "name", value: .string(importance.name)),
                        .init(key: "digest", value: .string(importance.digest)),
                    ]
                    if !importance.filled.isEmpty {
                        let names = importance.filled.map(JSONValue.string)
                        members.append(.init(key: "filled", value: .array(names)))
                    }
                    return .object(members)
                } ?? .null
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
            guard Self.keys.contains(String(key)) else { continue }
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
        func reference(_ key: Substring) throws(SensitivityError) -> ImportanceReference? {
            guard let (text, line) = values[key] else { return nil }
            let parts = text.split(separator: " ", maxSplits: 1)
            guard let digest = parts.first, digest.contains(":") else {
                throw TextPosition(file: file, line: line).error(
                    .unexpectedValue(
                        "the \(key) \(text.quoted)",
                        expected: "its digest and its name"
                    )
                )
            }
            let filled = key == "importance" ? values["filled"]?.text.split(separator: ", ") ?? [] : []
            return ImportanceReference(
                name: String(parts.last ?? digest),
                digest: String(digest),
                filled: filled.map { String(CellText.trimmed($0)) }
            )
        }
        let uncertainty = try values["uncertainty"].map { text, line throws(SensitivityError) in
            guard let share = Double(text), share.isFinite, share >= 0 else {
                throw TextPosition(file: file, line: line).error(
                    .unexpectedValue(
                        "the uncertainty \(text.quoted)",
                        expected: "a share such as 0.3"
                    )
                )
            }
            return share
        }
        self.init(
            kind: kind ?? .unknown,
            unit: values["unit"].map { String($0.text) },
            method: values["method"].map { String($0.text) },
            importance: try reference("importance"),
            gradients: try reference("gradients"),
            uncertainty: uncertainty
        )
    }

    /// Reads the meaning from the members of an object, or nil if none of them says anything of it.
    ///
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    init?(_ members: TableObject) throws(SensitivityError) {
        guard Self.keys.contains(where: { members[$0] != nil }) else { return nil }
        let file = members.file
        var kind: ImpactKind?
        if let text = try members.optionalString("kind") {
            let line = try members.value("kind").node.line
            kind = try Self.kind(text[...], at: TextPosition(file: file, line: line))
        }
        func reference(_ key: String) throws(SensitivityError) -> ImportanceReference? {
            guard let place = members.object.optional(key) else { return nil }
            let parts = try TableObject(place, file: file)
            return ImportanceReference(
                name: try parts.string("name"),
                digest: try parts.string("digest"),
                filled: parts["filled"] == nil ? [] : try parts.strings("filled")
            )
        }
        self.init(
            kind: kind ?? .unknown,
            unit: try members.optionalString("unit"),
            method: try members.optionalString("method"),
            importance: try reference("importance"),
            gradients: try reference("gradients"),
            uncertainty: try members.readIfThere("uncertainty") { place throws(JSONError) in
                try place.number(from: 0)
            }
        )
    }

    private static func kind(
        _ text: Substring,
        at position: TextPosition
    ) throws(SensitivityError) -> ImpactKind {
        guard let kind = ImpactKind(rawValue: text.lowercased()) else {
            throw position.error(
                .unexpectedValue(
                    "the kind \(text.quoted) is not known",
                    expected: ImpactKind.allCases.map(\.rawValue).joined(separator: ", ")
                )
            )
        }
        return kind
    }
}
