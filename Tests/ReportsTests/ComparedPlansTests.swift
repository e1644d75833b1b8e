import Sensitivity
import BitAllocation
import Planning
import Reports
import Tensors
import TestSupport
import Testing

/// Plans from elsewhere beside the best plans of their sizes.
@Suite struct ComparedPlansTests {
    private let small: SmallTask

    init() throws { small = try SmallTask() }

    @Test("plans stand beside the best of their sizes, with how many times as much they lose")
    func table() throws {
        var mixed = ComparedPlan(
            kind: .file,
            name: "own/model-with-a-rather-long-name-Q8_0.gguf",
            choices: small.choices("Q8_0", "Q8_0", "Q8_0", "Q8_0"),
            in: small.problem
        )
        // 1 + 2 + 0.5 + 3 = 6.5, of which the best of that size has half.
        mixed.setBest(small.plan(small.choices("Q4_0", "Q8_0", "Q8_0", "BF16"), bound: 3))
        let plans = ComparedPlans(
            plans: [
                small.smallest(.recipe, "a.json", best: 20),
                small.smallest(.uniform, "Q4_0", best: 20, bound: 10), mixed,
                small.smallest(.uniform, "b\u{1B}|c"), small.smallest(.mix, "Q4_K_M", best: 0),
            ],
            unmeasured: [
                ("Q2_K", "the table has no column for a format of theirs"), ("Q3_K_M", "other"),
                ("Q2_K_S", "the table has no column for a format of theirs"),
            ],
            word: "loss"
        )
        try ExpectedText.expect(
            plans.table().inEveryForm() + "\n== Beside a plan\n\n"
                + plans.text(on: small.best, style: .eighty)
                + "\n",
            in: "ReportsTests/Expected/ComparedPlans.txt"
        )
        expectFits(plans.table().text(style: .eighty))
        expectFits(plans.text(on: small.best, style: .eighty))
        #expect(!plans.isEmpty)
    }

    @Test("where all are llama.cpp's mixes, no column says so, and their names head the table")
    func mixes() throws {
        let plans = ComparedPlans(
            plans: [small.smallest(.mix, "Q4_0", best: 30), small.smallest(.mix, "Q4_1", best: 15)],
            unmeasured: [],
            word: "error"
        )
        #expect(
            plans.text(on: nil, style: .plain)
                == """
                llama.cpp's mix       Size  Impact  Best of that size
                ---------------  ---------  ------  -----------------  --------------------------------
                Q4_0             148.46 kB      30                 30  1.00 times the error at this size
                Q4_1             148.46 kB      30                 15  2.00 times the error at this size
                """.replacing("--------------------------------", with: "---------------------------------")
        )
        #expect(plans.missingText == nil)
    }

    @Test("how far a plan is from the best of its size is said without an exponent")
    func verdicts() {
        #expect(small.smallest(.file, "a").verdict("loss") == nil)
        #expect(small.smallest(.file, "a", best: 30).verdict("loss") == "1.00 times the loss at this size")
        #expect(
            small.smallest(.file, "a", best: 0.02, bound: 0.01).verdict("error")
                == "at least 1,500 times the error at this size"
        )
        #expect(small.smallest(.file, "a", best: 0).verdict("loss") == "no loss is needed at this size")
        var none = ComparedPlan(
            kind: .file,
            name: "a",
            choices: small.choices("BF16", "BF16", "BF16", "BF16"),
            in: small.problem
        )
        none.bestImpact = 0
        #expect(none.verdict("loss") == "as good as the best of this size")
    }

    @Test("a plan that does not beat a smaller one says why")
    func sentences() throws {
        let best = small.best
        // Two Q8_0 elsewhere: 4 + 8 + 0.5 + 3 is more than 11, so none beats the plan; itself does no worse.
        let same = ComparedPlan(kind: .recipe, name: "r\u{7}.json", choices: best.choices, in: small.problem)
        let worse = small.plan(small.choices("Q8_0", "Q8_0", "Q4_0", "Q4_0"))
        var plans = ComparedPlans(plans: [same], unmeasured: [], word: "loss")
        #expect(
            plans.sentences(on: best) == [
                "This plan does not beat r\\u{7}.json: that has 213.99 kB and no more loss (11)."
            ]
        )
        #expect(
            plans.sentences(on: worse) == [
                "This plan does not beat r\\u{7}.json: that has 213.99 kB and less loss (11)."
            ]
        )
        var problem = small.problem
        problem.formatLimit = 1
        let forbidden = ComparedPlan(kind: .mix, name: "Q4_K_M", choices: best.choices, in: problem)
        #expect(forbidden.breach == "2 formats, at most 1" && !forbidden.isAdmissible)
        plans = ComparedPlans(plans: [forbidden], unmeasured: [], word: "error")
        #expect(
            plans.sentences(on: worse) == [
                "This plan does not beat llama.cpp's Q4_K_M: that has 213.99 kB and less error (11), because it does not "
                    + "keep to the restrictions."
            ]
        )
    }

    @Test("the plans nearest in size are kept, and those that are not beaten")
    func nearest() {
        func plan(_ name: String, _ formats: [String]) -> ComparedPlan {
            ComparedPlan(
                kind: .uniform,
                name: name,
                choices: small.choices(formats[0], formats[0], formats[0], formats[0]),
                in: small.problem
            )
        }
        var plans = ComparedPlans(
            plans: [plan("small", ["Q4_0"]), plan("middle", ["Q8_0"]), plan("large", ["BF16"])],
            unmeasured: [],
            word: "loss"
        )
        plans.keepNearest(1, to: small.best)
        // Both are 65,536 bytes away, so their names decide.
        #expect(plans.plans.map(\.name) == ["middle"])
    }

    @Test("one format for all names the layers that may not take it and what they take instead")
    func uniform() throws {
        var problem = small.problem
        let layers = problem.layerNames
        problem = try AllocationProblem(
            layers: layers.indices.map { layer in
                .init(
                    name: layers[layer],
                    options: problem.options(ofLayer: layer).filter { layer > 0 || $0 > 0 }.map {
                        .init(
                            format: problem.formatNames[Int(problem.optionFormat[$0])],
                            bytes: problem.optionBytes[$0],
                            impact: problem.optionImpact[$0]
                        )
                    }
                )
            },
            budget: .max
        )
        let plans = ComparedPlan.uniformPlans(of: problem)
        #expect(plans.map(\.name) == ["Q4_0", "Q8_0", "BF16"])
        #expect(plans.map(\.exceptions) == ["blk.0.ffn_up.weight in Q8_0", nil, nil])
    }
}
