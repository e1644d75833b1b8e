import Sensitivity
import BitAllocation
import Tensors
import TestSupport
import Testing

@testable import Planning
@testable import Reports

@Suite struct RobustnessSummaryTests {
    private let small: SmallTask

    init() throws { small = try SmallTask() }

    /// Twenty draws in which the plan's impact is now 10, now 12, and that of the best plan 10.
    ///
    /// - Parameters:
    ///   - choices: The plan's options.
    ///   - otherwise: In how many draws the best plan takes another option, by that option; of each layer the plan's own has the rest.
    ///   - unproven: How many draws were not proven.
    ///   - draws: The number of draws.
    /// - Returns: The study.
    private func study(
        _ choices: [Int],
        otherwise: [Int: Int] = [:],
        unproven: Int = 0,
        draws: Int = 20
    ) -> RobustnessStudy {
        var counts = [Int](repeating: 0, count: small.problem.optionBytes.count)
        for layer in choices.indices {
            let others = small.problem.options(ofLayer: layer).filter { $0 != choices[layer] }
            for option in others { counts[option] = otherwise[option] ?? 0 }
            counts[choices[layer]] = draws - others.reduce(0) { $0 + counts[$1] }
        }
        let impacts = (0..<draws).map { $0.isMultiple(of: 2) ? 10.0 : 12 }
        let regrets = impacts.map { $0 - 10 }
        return RobustnessStudy(
            choices: choices,
            seed: 7,
            drawCount: draws,
            unprovenCount: unproven,
            choiceCounts: counts,
            impact: SampleDistribution(impacts),
            bestImpact: SampleDistribution(impacts.map { _ in 10 }),
            regret: SampleDistribution(regrets),
            relativeRegret: SampleDistribution(regrets.map { $0 / 10 }),
            solvedDraws: Array(0..<draws),
            bestImpacts: impacts.map { _ in 10 }
        )
    }

    private func uncertainty(_ sources: [Int?], count: Int = 2) throws -> ImpactUncertainty {
        try ImpactUncertainty(
            sources: (0..<count).map { .init(name: "s\($0)", relativeSpread: 0.1) },
            sourceOfLayer: sources
        )
    }

    private func summary(
        _ study: RobustnessStudy,
        _ uncertainty: ImpactUncertainty,
        other: RobustnessStudy? = nil
    ) -> RobustnessSummary {
        RobustnessSummary(
            study,
            of: small.best,
            for: small.task,
            uncertainty: uncertainty,
            comparedWith: other.map { ("the plan without --robust", $0) }
        )
    }

    @Test(
        "draws say what a plan's impact may be, what it costs beside each draw's best, and which choices stand"
    )
    func whole() throws {
        // Impacts of 10 and 12 have a mean of 11 and a standard deviation of √(20/19) = 1.026; the regret is 0 or 2.
        let first = Array(small.problem.options(ofLayer: 0))
        let last = Array(small.problem.options(ofLayer: 3))
        let study = study(
            small.best.choices,
            otherwise: [first[1]: 5, first[2]: 2, last[0]: 1],
            unproven: 0
        )
        let other = study
        let summary = summary(study, try uncertainty([0, 1, nil, nil]), other: other)
        let text = summary.text(width: 80, style: .eighty)
        try ExpectedText.expect(
            text + "\n== Layers\n\n" + summary.layerTable().inEveryForm(),
            in: "ReportsTests/Expected/RobustnessSummary.txt"
        )
        expectFits(text)
        expectFits(summary.text(width: 40, style: .forty), 40)
    }

    @Test("one of a thing is in the singular")
    func singular() throws {
        let text = summary(
            study(small.best.choices, unproven: 1),
            try uncertainty([0, nil, nil, nil], count: 1)
        ).text(width: 80, style: .plain)
        #expect(text.contains("Draws   20, seed 7; 1 sensitivity drawn\n"))
        #expect(text.contains("Choices 4 of 4 stand in 95 % of draws\n"))
        #expect(text.hasSuffix("In 1 draw the best plan is not proven, so its regret may be larger.\n"))
        let two = summary(
            study(small.best.choices, unproven: 2),
            try uncertainty([0, 1, nil, nil])
        ).text(width: 80, style: .plain)
        #expect(two.contains("; 2 sensitivities drawn\n"))
        #expect(two.hasSuffix("In 2 draws the best plan is not proven, so their regret may be larger.\n"))
    }

    @Test("where the cells have standard errors, those are what is drawn")
    func cells() throws {
        let text = summary(
            study(small.best.choices),
            try ImpactUncertainty(table: small.table, problem: small.problem)
        ).text(width: 80, style: .plain)
        #expect(text.hasPrefix("If the cells had come out otherwise, within their standard errors\n"))
        #expect(text.contains("; 8 cells drawn\n"))
        #expect(!text.contains("Held"))
    }
}
