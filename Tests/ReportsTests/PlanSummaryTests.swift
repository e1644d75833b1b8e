import BitAllocation
import Planning
import Sensitivity
import Tensors
import TestSupport
import Testing

@testable import Reports

@Suite struct PlanSummaryTests {
    private func summary(
        _ small: SmallTask,
        _ plan: AllocationPlan? = nil,
        maximumImpact: Double? = nil
    ) -> PlanSummary {
        PlanSummary(
            plan ?? small.best,
            for: small.task,
            modelName: "small\u{7}",
            parameters: SmallTask.parameters,
            maximumImpact: maximumImpact,
            sizeNote: nil,
            table: TableLine(small.table, combination: small.problem.combination)
        )
    }

    private func proof(_ small: SmallTask, _ plan: AllocationPlan) -> String? {
        summary(small, plan).text(width: 200, style: .plain).split(separator: "\n").first {
            $0.hasPrefix("Proof")
        }.map(String.init)
    }

    @Test("a plan is on one screen: size, impact, proof, its formats, and one format for all")
    func whole() throws {
        // ± √(0.5² + 0.5² + 0.25² + 1²) = √1.5625 = 1.25, which is 11.4 % of 11.
        let summary = summary(try SmallTask())
        let text = summary.text(width: 80, style: .eighty)
        try ExpectedText.expect(
            text + "\n== Layers\n\n" + summary.layerTable().inEveryForm(),
            in: "ReportsTests/Expected/PlanSummary.txt"
        )
        expectFits(text)
    }

    @Test(
        "the greatest impact stands in the heading where that was asked for, and nothing is said to be left"
    )
    func maximumImpact() throws {
        let text = summary(try SmallTask(), maximumImpact: 12).text(width: 80, style: .plain)
        #expect(text.hasPrefix("small\\u{7} with an impact of at most 12\n"))
        #expect(!text.contains(" left\n"))
    }

    @Test("what is proven is said, and how far a plan may be from the best where that is not")
    func proofs() throws {
        let small = try SmallTask()
        let choices = small.best.choices
        func plan(
            _ objective: AllocationPlan.Objective,
            bound: Double,
            _ status: AllocationPlan.Status,
            _ solver: AllocationPlan.Solver,
            seconds: Double? = nil
        ) -> AllocationPlan {
            AllocationPlan(
                choices: choices,
                of: small.problem,
                objective: objective,
                bound: bound,
                status: status,
                solver: solver,
                ending: .proven,
                seconds: seconds
            )
        }
        #expect(
            proof(small, plan(.impact, bound: 10, .feasible, .greedy))
                == "Proof   feasible, at most 10 % above the best (bound 10); found by the greedy allocator"
        )
        #expect(
            proof(small, plan(.impact, bound: 0, .feasible, .greedy))
                == "Proof   feasible, how far above the best is not known (bound 0); found by the greedy allocator"
        )
        #expect(
            proof(small, plan(.bytes, bound: 200_000, .feasible, .glpk))
                == "Proof   feasible, at most 7 % above the smallest (bound 200.00 kB); found by GLPK"
        )
        #expect(
            proof(small, plan(.bytes, bound: 213_992, .optimal, .glpk))
                == "Proof   optimal, no smaller plan has so low an impact; found by GLPK, bound computed without GLPK"
        )
        #expect(
            proof(small, plan(.time, bound: 0.01, .feasible, .dominance, seconds: 0.02))
                == "Proof   feasible, at most 100 % above the least time; found by the dominance dynamic programme"
        )
    }

    @Test("where no format fits on every layer, that is said")
    func noUniform() throws {
        let small = try SmallTask(budget: 140_000)
        let text = summary(small).text(width: 80, style: .plain)
        #expect(text.hasSuffix("\nNo format fits the budget on every layer.\n"))
    }

    @Test("a format whose block does not divide the rows is said with the layers")
    func unfit() throws {
        let table = try ImpactTable(
            name: "t",
            formats: ["Q4_0", "Q4_K"],
            layers: ["a.weight"],
            cells: [[.impact(1), .impact(2)]]
        )
        let task = try PlanningTask(
            model: try LayerGrouping.perTensor.grouped([
                TensorInfo(name: "a.weight", shape: [4, 32], elementType: .bf16)
            ]),
            impacts: table,
            layout: .unpadded,
            budget: 1_000
        )
        let plan = try Allocator(method: .greedy).plan(for: task.problem)
        let text = PlanSummary(plan, for: task, modelName: "m", parameters: 128).text(
            width: 80,
            style: .eighty
        )
        #expect(text.hasSuffix("\nQ4_K does not divide the rows of a.weight\n"))
        expectFits(text)
    }

    @Test("a plan of many layers names them briefly, and no line is longer than the terminal")
    func manyLayers() throws {
        let task = try fluxTask(budget: 9_000_000_000)
        let plan = try Allocator(method: .greedy).plan(for: task.problem)
        for width in [60, 80, 120] {
            let text = PlanSummary(plan, for: task, modelName: "flux1-dev", parameters: 1).text(
                width: width,
                style: TerminalStyle(isEnabled: false, width: width)
            )
            expectFits(text, width)
        }
    }

    @Test("formats that do not fit the same layers share a line, and layers that none fits another")
    func unfitGroups() throws {
        let formats = ["Q2_K", "Q4_0", "Q4_K", "Q8_0"]
        let names = ["a.weight", "b.weight", "c.weight", "d.weight"]
        let table = try ImpactTable(
            name: "t",
            formats: formats,
            layers: names,
            cells: names.map { _ in formats.map { _ in .impact(1) } }
        )
        let lengths = [32, 256, 64, 3]
        let task = try PlanningTask(
            model: try LayerGrouping.perTensor.grouped(
                zip(names, lengths).map { try TensorInfo(name: $0, shape: [4, $1], elementType: .bf16) }
            ),
            impacts: table,
            layout: .unpadded,
            budget: 100_000
        )
        let plan = try Allocator(method: .greedy).plan(for: task.problem)
        let text = PlanSummary(plan, for: task, modelName: "m", parameters: 128).text(
            width: 80,
            style: .eighty
        )
        #expect(
            text.hasSuffix(
                """

                Q2_K, Q4_K do not divide the rows of a.weight, c.weight
                No block of any format divides the rows of d.weight

                """
            ),
            "\(text)"
        )
        expectFits(text)
    }
}
