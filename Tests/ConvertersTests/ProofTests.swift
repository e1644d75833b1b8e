import Checkpoints
import Converters
import Recipes
import Tensors
import Testing

@testable import Converters

/// Reading back what was written finds what was written wrongly.
@Suite struct ProofTests {
    private static let types: [(name: String, type: String)] = [
        ("blk.1.a.weight", "q8_0"), ("blk.10.a.weight", "q4_0"), ("blk.2.a.weight", "q8_0"),
    ]

    private func rules(groups: Bool) throws -> TypeRules {
        try TypeRules(
            Self.types,
            dialect: .init(converter: "c", lowersPatterns: false, optionalPrefix: nil, groupsNumbers: groups)
        )
    }

    @Test("what the writer writes is proven", arguments: [false, true])
    func proves(groups: Bool) throws {
        let rules = try rules(groups: groups)
        #expect(rules.rules.count == (groups ? 2 : 3))
        #expect(throws: Never.self) {
            try rules.prove(rules.rules.map(\.text), give: Self.types.map { ($0.name, $0.type) })
        }
    }

    @Test(
        "rules that are wrong, missing, double, loose or unreadable are found",
        arguments: [
            [#"^blk\.1\.a\.weight$=q4_0"#, #"^blk\.10\.a\.weight$=q4_0"#, #"^blk\.2\.a\.weight$=q8_0"#],
            [#"^blk\.(1|2)\.a\.weight$=q8_0"#],
            [#"^blk\.(1|2|10)\.a\.weight$=q8_0"#, #"^blk\.10\.a\.weight$=q4_0"#],
            [#"blk\.(1|2)\.a\.weight$=q8_0"#, #"^blk\.10\.a\.weight$=q4_0"#],
            [#"^blk\.[12]\.a\.weight$=q8_0"#, #"^blk\.10\.a\.weight$=q4_0"#],
            [#"^blk\.(1|2)\.a\.weight$"#, #"^blk\.10\.a\.weight$=q4_0"#],
            [#"^blk\.(1|2)\.a\.weight$=q8_0"#, #"^blk\...\.a\.weight$=q4_0"#, #"^blk\.10\.a\.weight$=q4_0"#],
        ]
    )
    func refutes(lines: [String]) throws {
        let rules = try rules(groups: true)
        #expect(throws: RecipeError.self) {
            try rules.prove(lines, give: Self.types.map { ($0.name, $0.type) })
        }
    }

    @Test("a rule for a tensor that shall have none is found")
    func unwanted() throws {
        let rules = try rules(groups: true)
        var types = Self.types.map { (name: $0.name, type: Optional($0.type)) }
        types[0].type = nil
        #expect(throws: RecipeError.self) { try rules.prove(rules.rules.map(\.text), give: types) }
    }

    @Test("casts that are wrong, missing or double are found")
    func casts() throws {
        let model = try Model.builtIn(named: "flux1-dev")
        let recipe = try RecipeFixtures.recipe(tensors: model.tensors, grouping: .flux) { layer in
            layer.name == "layer03.txt" ? "Q8_0" : "Q4_1"
        }
        let converter = try Converters.named("cg-mixed-casting")
        let casts = try FluxCasts(
            try CheckedRecipe(recipe, model: model.tensors, for: converter),
            for: converter
        )
        let text = try RecipeFixtures.text(converter, recipe, model.tensors)
        #expect(throws: Never.self) { try casts.prove(text) }
        for (old, new) in [
            ("'3'", "'4'"), ("castto: Q8_0", "castto: Q5_1"), ("blocks: txt", "blocks:"), ("19-56", "19-55"),
            ("layers: '3'", "castto: Q8_0"), ("19-56", "18-56"), ("19-56", "19-x"),
        ] {
            #expect(text.contains(old))
            #expect(throws: RecipeError.self, "\(old)") { try casts.prove(text.replacing(old, with: new)) }
        }
    }
}
