import BitAllocation
import Planning
import TestSupport
import Testing

/// The published table of FLUX.1-dev, planned to figures that were computed independently.
@Suite struct FluxTests {
    struct Figure: Sendable {
        var gigabytes: Int
        var combination: ImpactCombination
        var impact: Double
        var bytes: Int?
    }

    static let figures = [
        Figure(gigabytes: 8, combination: .sum, impact: 3.701071820596581, bytes: 7_993_446_656),
        Figure(gigabytes: 9, combination: .sum, impact: 2.449754524519905, bytes: 8_994_967_808),
        Figure(gigabytes: 10, combination: .sum, impact: 1.8379267853374803),
        Figure(gigabytes: 12, combination: .sum, impact: 0.9971541097600464),
        Figure(gigabytes: 16, combination: .sum, impact: 0.32367480275960475),
        Figure(gigabytes: 20, combination: .sum, impact: 0.043496031944425466),
        Figure(gigabytes: 9, combination: .rss, impact: 0.360872257568099),
        Figure(gigabytes: 12, combination: .rss, impact: 0.14087798224253237),
    ]

    @Test("the plan within tensor data alone has the published impact and size", arguments: figures)
    func matchesFigures(figure: Figure) throws {
        let task = try fluxTask(
            budget: figure.gigabytes * 1_000_000_000,
            combination: figure.combination,
            tensorDataOnly: true
        )
        let plan = try Allocator().plan(for: task.problem)
        #expect(abs(plan.impact - figure.impact) <= 1e-14 * figure.impact)
        #expect(plan.status == .optimal)
        #expect(plan.gap == 0)
        #expect(plan.bound == plan.impact)
        if let bytes = figure.bytes { #expect(plan.bytes == bytes) }
    }

    @Test("header and alignment stay under 100 kB and are part of the file's size")
    func statesOverhead() throws {
        let task = try fluxTask(budget: 9_000_000_000)
        let plan = try Allocator().plan(for: task.problem)
        #expect(task.tensorBytes(of: plan) == 8_994_967_808)
        #expect((1..<100_000).contains(plan.bytes - task.tensorBytes(of: plan)))
    }

    @Test("the smallest plan is every block in Q4_1; below it nothing fits")
    func namesTheSmallestPlan() throws {
        var problem = try fluxTask(tensorDataOnly: true).problem
        #expect(problem.smallestBytes == 7_536_922_880)
        problem.budget = 7_536_922_880
        #expect(try Allocator().plan(for: problem).status == .optimal)
        problem.budget -= 1
        #expect(throws: AllocationError.infeasible(budget: 7_536_922_879, smallestBytes: 7_536_922_880)) {
            try Allocator().plan(for: problem)
        }
    }

    @Test("the whole frontier has 1,213 plans, and the allocator proves every one of them")
    func provesTheFrontier() throws {
        var problem = try fluxTask(tensorDataOnly: true).problem
        let frontier = try #require(Frontier(of: problem))
        #expect(frontier.points.count == 1213)
        for point in frontier.points {
            problem.budget = point.bytes
            let plan = try Allocator().plan(for: problem)
            #expect(plan.status == .optimal)
            #expect(plan.bytes == point.bytes)
            #expect(abs(plan.impact - point.impact) <= 1e-12 * point.impact)
        }
    }

    @Test("at 9 GB the best sum and the best rss plan differ in 7 layers")
    func combinationsDiffer() throws {
        let sum = try Allocator().plan(for: fluxTask(budget: 9_000_000_000).problem)
        let rss = try Allocator().plan(for: fluxTask(budget: 9_000_000_000, combination: .rss).problem)
        #expect(zip(sum.choices, rss.choices).count { $0 != $1 } == 7)
    }

    @Test(
        "every method keeps to the budget, and only the greedy one has a gap",
        arguments: [8, 9, 10, 12, 16, 20]
    )
    func methodsAgree(gigabytes: Int) throws {
        let task = try fluxTask(budget: gigabytes * 1_000_000_000)
        let best = try Allocator().plan(for: task.problem)
        let greedy = try Allocator(method: .greedy).plan(for: task.problem)
        #expect(greedy.bytes <= task.problem.budget)
        #expect(greedy.impact >= best.impact)
        #expect(greedy.bound <= best.impact)
        let fitting = task.problem.uniformPlans().filter { $0.bytes <= task.problem.budget }
        #expect(!fitting.isEmpty)
        for uniform in fitting {
            #expect(greedy.impact <= uniform.impact)
        }
    }

    @Test("infinite and blank cells forbid their options")
    func forbidsCells() throws {
        let task = try fluxTask()
        let formats = { (name: String) -> [String] in
            guard let layer = task.problem.layerNames.firstIndex(of: name) else { return [] }
            return task.problem.options(ofLayer: layer).map {
                task.problem.formatNames[Int(task.problem.optionFormat[$0])]
            }
        }
        #expect(formats("layer18.img") == ["Q4_1", "Q5_1", "BF16"])
        #expect(formats("layer18.txt") == ["Q4_1", "Q5_1", "BF16"])
        #expect(formats("layer17.txt") == ["Q4_1", "float8_e4m3fn", "Q5_1", "Q8_0", "BF16"])
        #expect(task.problem.layerCount == 76)
    }

    @Test("for max the smallest file of the least maximum is taken, and of those the one with the least sum")
    func maximumBreaksTiesBySize() throws {
        let task = try fluxTask(budget: 9_000_000_000, combination: .max)
        let plan = try Allocator().plan(for: task.problem)
        #expect(plan.status == .optimal)
        // The same maximum as a ceiling on every cell, and the sum minimised under it by the frontier's programme.
        let capped = try AllocationProblem(
            layers: (0..<task.problem.layerCount).map { layer in
                AllocationProblem.Layer(
                    name: task.problem.layerNames[layer],
                    options: task.problem.options(ofLayer: layer)
                        .filter { task.problem.optionImpact[$0] <= plan.impact }
                        .map {
                            .init(
                                format: "F",
                                bytes: task.problem.optionBytes[$0],
                                impact: task.problem.optionImpact[$0]
                            )
                        }
                )
            },
            fixedBytes: task.problem.fixedBytes,
            budget: task.problem.budget
        )
        #expect(plan.bytes == capped.smallestBytes)
        let frontier = try #require(Frontier(of: capped))
        let point = try #require(frontier.point(within: plan.bytes))
        let sum = ImpactCombination.sum.total(plan.choices.map { task.problem.optionImpact[$0] })
        #expect(abs(sum - frontier.points[point].impact) <= 1e-12 * sum)
        // No plan has a smaller maximum: with every cell below it, the smallest file is too large.
        let below = (0..<task.problem.layerCount).reduce(task.problem.fixedBytes) { total, layer in
            total
                + (task.problem.options(ofLayer: layer).filter { task.problem.optionImpact[$0] < plan.impact }
                    .map { task.problem.optionBytes[$0] }.min() ?? 0)
        }
        #expect(below > task.problem.budget)
    }
}
