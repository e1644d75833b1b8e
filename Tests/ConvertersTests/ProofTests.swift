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
            (
                [#"^blk\.1\.a\.weight$=q4_0"#, #"^blk\.10\.a\.weight$=q4_0"#, #"^blk\.2\.a\.weight$=q8_0"#],
                "blk.1.a.weight", "q8_0", "q4_0"
            ),
            ([#"^blk\.(1|2)\.a\.weight$=q8_0"#], "blk.10.a.weight", "q4_0", "nothing"),
            (
                [#"^blk\.(1|2|10)\.a\.weight$=q8_0"#, #"^blk\.10\.a\.weight$=q4_0"#],
                "blk.10.a.weight", "q4_0", "q8_0 and q4_0"
            ),
            (
                [#"blk\.(1|2)\.a\.weight$=q8_0"#, #"^blk\.10\.a\.weight$=q4_0"#],
                #"blk\.(1|2)\.a\.weight$=q8_0"#, "one type", "nothing"
            ),
            (
                [#"^blk\.[12]\.a\.weight$=q8_0"#, #"^blk\.10\.a\.weight$=q4_0"#],
                #"^blk\.[12]\.a\.weight$=q8_0"#, "one type", "nothing"
            ),
            (
                [#"^blk\.(1|2)\.a\.weight$"#, #"^blk\.10\.a\.weight$=q4_0"#],
                #"^blk\.(1|2)\.a\.weight$"#, "one type", "nothing"
            ),
            (
                [
                    #"^blk\.(1|2)\.a\.weight$=q8_0"#, #"^blk\...\.a\.weight$=q4_0"#,
                    #"^blk\.10\.a\.weight$=q4_0"#,
                ],
                "blk.10.a.weight", "q4_0", "q4_0 and q4_0"
            ),
        ]
    )
    func refutes(lines: [String], tensor: String, planned: String, found: String) throws {
        let rules = try rules(groups: true)
        #expect(
            throws: RecipeError.ruleMismatch(tensor: tensor, planned: planned, found: found, converter: "c")
        ) {
            try rules.prove(lines, give: Self.types.map { ($0.name, $0.type) })
        }
    }

    @Test("a rule for a tensor that shall have none is found")
    func unwanted() throws {
        let rules = try rules(groups: true)
        var types = Self.types.map { (name: $0.name, type: Optional($0.type)) }
        types[0].type = nil
        #expect(
            throws: RecipeError.ruleMismatch(
                tensor: "blk.1.a.weight",
                planned: "nothing",
                found: "q8_0",
                converter: "c"
            )
        ) { try rules.prove(rules.rules.map(\.text), give: types) }
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
        for (old, new, tensor, planned, found) in [
            ("'3'", "'4'", "layer03.txt", "Q8_0", "nothing"),
            ("castto: Q8_0", "castto: Q5_1", "layer03.txt", "Q8_0", "Q5_1"),
            ("blocks: txt", "blocks:", "layer00.img", "Q4_1", "Q4_1 and Q4_1"),
            ("19-56", "19-55", "layer56.x", "Q4_1", "nothing"),
            ("layers: '3'", "castto: Q8_0", "layer03.txt", "Q8_0", "nothing"),
            ("19-56", "18-56", "layer18.img", "Q4_1", "Q4_1 and Q4_1"),
            ("19-56", "19-x", "layer19.x", "Q4_1", "nothing"),
        ] {
            #expect(text.contains(old))
            #expect(
                throws: RecipeError.ruleMismatch(
                    tensor: tensor,
                    planned: planned,
                    found: found,
                    converter: "cg-mixed-casting"
                ),
                "\(old)"
            ) { try casts.prove(text.replacing(old, with: new)) }
        }
    }
}
