import Text
import Sensitivity

extension ImpactTable {
    /// The table as recipes name it: name, digest, and what its cells are.
    var reference: JSONValue {
        [
            "name": .string(name),
            "digest": .string(digest),
            "kind": .string(meaning.kind.rawValue),
            "unit": meaning.unit.map(JSONValue.string) ?? .null,
            "method": meaning.method.map(JSONValue.string) ?? .null,
        ]
    }
}

extension ImpactMeaning {
    /// The importance matrix as recipes name it, `null` where there was none.
    var importanceReference: JSONValue {
        importance.map { ["name": .string($0.name), "digest": .string($0.digest)] } ?? .null
    }
}
