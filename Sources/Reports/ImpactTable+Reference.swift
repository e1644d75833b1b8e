import Text
import Sensitivity

extension ImpactTable {
    /// The table as recipes name it: name, digest, and what its cells are.
    var reference: JSONValue {
        var members: [JSONValue.Member] = [
            .init(key: "name", value: .string(name)),
            .init(key: "digest", value: .string(digest)),
            .init(key: "kind", value: .string(meaning.kind.rawValue)),
            .init(key: "unit", value: meaning.unit.map(JSONValue.string) ?? .null),
            .init(key: "method", value: meaning.method.map(JSONValue.string) ?? .null),
        ]
        if let gradients = meaning.gradients {
            let reference: JSONValue = ["name": .string(gradients.name), "digest": .string(gradients.digest)]
            members.append(.init(key: "gradients", value: reference))
        }
        return .object(members)
    }
}

extension ImpactMeaning {
    /// The importance matrix as recipes name it, `null` where there was none.
    var importanceReference: JSONValue {
        guard let importance, importance.isFile else { return .null }
        var members: [JSONValue.Member] = [
            .init(key: "name", value: .string(importance.name)),
            .init(key: "digest", value: .string(importance.digest)),
        ]
        if !importance.filled.isEmpty {
            members.append(.init(key: "filled", value: .array(importance.filled.map { .string($0) })))
        }
        return .object(members)
    }
}
