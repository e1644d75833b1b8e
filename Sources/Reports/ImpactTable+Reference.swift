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
