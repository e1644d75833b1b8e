public import Text

extension Recipe {
    /// The recipe as JSON, in the order of the format's description.
    public var jsonValue: JSONValue {
        .object(members)
    }

    private var members: [JSONValue.Member] {
        let before: JSONValue = [
            "version": .integer(Self.formatVersion),
            "generator": [
                "name": .string(generator.name),
                "version": .string(generator.version),
                "arguments": .array(generator.arguments.map(JSONValue.string)),
            ],
            "model": [
                "name": .string(model.name),
                "parameters": .integer(model.parameters),
                "digest": .string(model.digest),
            ],
            "impacts": [
                "name": .string(impacts.name),
                "digest": .string(impacts.digest),
                "kind": .string(impacts.kind),
                "unit": impacts.unit.map(JSONValue.string) ?? .null,
                "method": impacts.method.map(JSONValue.string) ?? .null,
            ],
            "importance": importance.map { ["name": .string($0.name), "digest": .string($0.digest)] }
                ?? .null,
            "converter": converter.map(JSONValue.string) ?? .null,
            "budget": limitValue,
            "size": [
                "bytes": .integer(size.bytes),
                "bitsPerWeight": .number(size.bitsPerWeight),
                "tensorData": .integer(size.tensorData),
                "headerAndAlignment": .integer(size.headerAndAlignment),
                "exact": .string(size.exact),
            ],
            "impact": ["total": .number(impact.total), "combine": .string(impact.combine)],
        ]
        let second: JSONValue =
            slowdown.map {
                ["slowdown": ["factor": .number($0.factor), "costs": .string($0.costs)]]
            } ?? [:]
        let after: JSONValue = [
            "proof": [
                "solver": .string(proof.solver),
                "status": .string(proof.status),
                "objective": .string(proof.objective),
                "bound": .number(proof.bound),
                "gap": .number(proof.gap),
            ],
            "layers": .array(
                layers.map {
                    [
                        "layer": .string($0.layer),
                        "format": .string($0.format),
                        "bytes": .integer($0.bytes),
                        "impact": .number($0.impact),
                        "tensors": .array($0.tensors.map(JSONValue.string)),
                    ]
                }
            ),
            "kept": .array(
                kept.map {
                    ["tensor": .string($0.tensor), "format": .string($0.format), "bytes": .integer($0.bytes)]
                }
            ),
        ]
        return [before, second, after].flatMap { part -> [JSONValue.Member] in
            guard case .object(let members) = part else { return [] }
            return members
        }
    }

    private var limitValue: JSONValue {
        switch limit {
        case .bytes(let bytes): ["bytes": .integer(bytes)]
        case .impact(let impact): ["impact": .number(impact)]
        }
    }

    /// The recipe's bytes, the same for the same recipe on every machine.
    ///
    /// - Throws: ``RecipeError/notWritable(_:)`` for a number that is not finite.
    public func jsonText() throws(RecipeError) -> String {
        do throws(JSONWritingError) {
            return try jsonValue.text()
        } catch {
            throw .notWritable(error.description)
        }
    }
}
