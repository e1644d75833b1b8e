import Tensors
import Sensitivity
import Text
import BitAllocation
import Planning
import Recipes
import TestSupport
import Testing

@testable import Reports

@Suite struct ReportPageTests {
    private let small: SmallTask

    init() throws { small = try SmallTask() }

    private func makePage(
        _ plans: [AllocationPlan],
        _ coverage: ReportPage.Coverage = .complete,
        compared: [ComparedPlan] = [],
        contexts: [ReportPage.Context] = [],
        knees: [Int] = [],
        start: Int = 0,
        name: String = "small"
    ) -> ReportPage? {
        ReportPage(
            task: small.task,
            plans: plans,
            coverage: coverage,
            knees: knees,
            compared: compared,
            start: start,
            converters: [],
            contexts: contexts,
            recipe: recipe(of: name),
            table: small.table,
            modelArguments: ["--model", "m.gguf"]
        )
    }

    /// A recipe with everything that plans of one page have in common.
    private func recipe(of name: String) -> Recipe {
        Recipe(
            generator: .init(version: "0.0.0", arguments: ["--model", "m.gguf"]),
            model: .init(name: name, parameters: SmallTask.parameters, digest: "fnv1a64:0000000000000000"),
            impacts: .init(name: "small", digest: "fnv1a64:0000000000000001", kind: .loss),
            converter: nil,
            limit: .bytes(214_000),
            size: .init(
                bytes: 213_992,
                bitsPerWeight: 6.524146341463415,
                tensorData: 212_992,
                headerAndAlignment: 1_000,
                exact: .file
            ),
            impact: .init(total: 11, combine: .sum),
            slowdown: .init(factor: 1e21, costs: "fnv1a64:0000000000000002"),
            proof: .init(solver: .glpk, status: .optimal, objective: .impact, bound: 11, gap: 0),
            layers: [
                .init(
                    layer: "output.weight",
                    format: "Q8_0",
                    bytes: 69_632,
                    impact: 3,
                    tensors: ["output.weight"]
                )
            ],
            kept: []
        )
    }

    private var smallest: AllocationPlan { small.plan(small.choices("Q4_0", "Q4_0", "Q4_0", "Q4_0")) }

    @Test("the data of a page are the model, the formats, the layers and what each plan changes")
    func data() throws {
        let page = try #require(
            makePage(
                [smallest, small.best],
                compared: ComparedPlan.uniformPlans(of: small.problem),
                contexts: [.init(name: "32k", bytes: 214_000)],
                knees: [1],
                start: 1
            )
        )
        try ExpectedText.expect(
            try page.data.text(),
            in: "ReportsTests/Expected/ReportPage.json"
        )
    }

    @Test("what is in a name cannot end the page's script or begin an element")
    func escapes() throws {
        let html = try #require(makePage([small.best], name: "</script><img src=x>\u{1B}")).html()
        #expect(!html.contains("</script><img") && !html.contains("<img src=x>"))
        #expect(!html.unicodeScalars.contains("\u{1B}"))
        #expect(html.contains("&lt;/script&gt;&lt;img src=x&gt;\\u{1b}"))
        #expect(html.contains("\\u003c/script>\\u003cimg src=x>"))
    }

    @Test("which plans a page has is said in the singular and the plural")
    func counted() throws {
        func subtitle(_ plans: [AllocationPlan], _ coverage: ReportPage.Coverage) throws -> Bool {
            let html = try #require(makePage(plans, coverage)).html()
            let wanted =
                switch (coverage, plans.count) {
                case (.complete, 1): "1 plan, the only one that no other beats in both size and impact. "
                case (.complete, _): "2 plans, every one that no other beats in both size and impact. "
                case (.thinned, _):
                    "2 of the 12,345 plans that no other beats in both size and impact, evenly spaced in size. "
                case (.solved, 1):
                    "1 plan that no other beats in both size and impact, solved and proven by itself. "
                case (.solved, _):
                    "2 plans, each solved by itself; the gap of each says how far it is proven. "
                }
            return html.contains(wanted + "A plan&#39;s impact is their sum")
                || html.contains(wanted + "A plan's impact is their sum")
        }
        #expect(try subtitle([small.best], .complete))
        #expect(try subtitle([smallest, small.best], .complete))
        #expect(try subtitle([smallest, small.best], .thinned(of: 12_345)))
        #expect(try subtitle([small.best], .solved))
        #expect(try subtitle([small.plan(small.best.choices, bound: 10), smallest], .solved))
    }

    @Test("what marks on the curve are is said for the kinds that there are")
    func marks() throws {
        var problem = small.problem
        problem.formatLimit = 1
        let compared = [
            ComparedPlan(kind: .recipe, name: "r.json", choices: small.best.choices, in: problem),
            ComparedPlan(
                kind: .uniform,
                name: "Q4_0",
                choices: smallest.choices,
                exceptions: [0],
                in: problem
            ),
        ]
        let html = try #require(makePage([small.best], compared: compared)).html()
        #expect(
            html.contains(
                "Crosses are one format for all, diamonds are recipes. "
                    + "* Layers that may not take the format take a larger one: Q4_0: blk.0.ffn_up.weight in Q4_0. "
                    + "Not allowed by the restrictions: r.json: 2 formats, at most 1."
            )
        )
    }

    @Test("there is no page without plans, nor with a place that is none of them")
    func none() {
        #expect(makePage([]) == nil)
        #expect(makePage([small.best], start: 1) == nil)
        #expect(makePage([small.best], knees: [1]) == nil)
    }
}
