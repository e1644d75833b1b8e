import Foundation
import Testing

@testable import Recipes
@testable import Text

/// The published schema beside the description that reads and writes recipes.
@Suite struct SchemaTests {
    private let schema: JSONObject

    init() throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = package.appending(path: "Sources/Recipes/Schema/recipe-v1.schema.json")
        schema = try JSONPlace(try JSONTree.parse(Array(try Data(contentsOf: file)))).object()
    }

    @Test("the schema has the members that are read and written, in their order, with their types and words")
    func describesTheForm() throws {
        let found = try differences(schema, Recipe.form.shape, at: "recipe")
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test("a schema that differs in a member, a type, a word or what is required is noticed")
    func canFail() throws {
        let wrong: [(JSONShape, String)] = [
            (.object([]), "members"), (.count, "type"), (.nullable(Recipe.form.shape), "null"),
        ]
        for (shape, what) in wrong {
            #expect(try differences(schema, shape, at: "recipe") != [], "\(what)")
        }
        let exact = try place("size", "exact")
        #expect(try differences(exact, .words(["file"]), at: "exact") != [])
        #expect(try differences(exact, .words(["file", "tensorData", "plannedLayers"]), at: "exact") == [])
    }

    private func place(_ members: String...) throws -> JSONObject {
        try members.reduce(schema) { object, name in
            try object.value("properties").object().value(name).object()
        }
    }

    /// What a schema says otherwise than a shape.
    private func differences(_ given: JSONObject, _ shape: JSONShape, at path: String) throws -> [String] {
        var schema = given
        if let reference = try given["$ref"]?.string() {
            let name = try #require(reference.split(separator: "/").last.map(String.init))
            schema = try self.schema.value("$defs").object().value(name).object()
        }
        var types: [String] = []
        if let type = schema["type"] {
            types = if case .array = type.node.value { try type.strings() } else { [try type.string()] }
        }
        func require(_ isRight: Bool, _ what: String) -> [String] { isRight ? [] : ["\(path): \(what)"] }
        switch shape {
        case .nullable(let shape):
            return require(types.contains("null"), "null is not allowed")
                + (try differences(schema, shape, at: path))
        case .string(let least):
            return require(types.contains("string"), "is no string")
                + require(
                    try schema["minLength"]?.integer() ?? (schema["pattern"] == nil ? 0 : least) == least,
                    "its least length"
                )
        case .words(let words):
            return require(try schema["enum"]?.strings() == words, "its words")
        case .boolean: return require(types == ["boolean"], "is neither true nor false")
        case .count:
            // A constant is one number from 0 up.
            return require(
                try schema["const"] != nil
                    || types == ["integer"] && schema["minimum"]?.integer() ?? -1 >= 0,
                "is no whole number from 0 up"
            )
        case .figure:
            return require(
                try types == ["number"] && schema["minimum"]?.number() == 0,
                "is no number from 0 up"
            )
        case .array(let element, let least):
            return require(types == ["array"], "is no array")
                + require(try schema["minItems"]?.integer() ?? 0 == least, "its least count")
                + (try schema["items"].map { try differences($0.object(), element, at: path + "[]") }
                    ?? ["\(path): no items"])
        case .object(let members):
            let properties = try schema["properties"]?.object()
            let names = properties?.members.map(\.key) ?? []
            var found = require(types.contains("object"), "is no object")
            found += require(names == members.map(\.name), "has \(names), not \(members.map(\.name))")
            found += require(
                try schema["required"]?.strings() ?? [] == members.filter(\.isRequired).map(\.name),
                "what is required"
            )
            found += require(
                try schema["additionalProperties"]?.boolean() == true,
                "refuses what a later version adds"
            )
            for member in members {
                guard let property = properties?[member.name] else { continue }
                found += try differences(property.object(), member.shape, at: "\(path).\(member.name)")
            }
            return found
        }
    }
}
