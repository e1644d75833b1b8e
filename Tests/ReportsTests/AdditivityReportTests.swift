import BitAllocation
import Reports
import TestSupport
import Testing

@testable import Planning

@Suite struct AdditivityReportTests {
    /// A line through three recipes: the loss is `scale · combined^power`.
    private func fit(
        _ exponent: Double,
        _ combined: [Double],
        scale: Double = 2,
        power: Double = 1,
        squares: Double,
        error: Double
    ) -> AdditivityStudy.Fit {
        AdditivityStudy.Fit(
            exponent: exponent,
            scale: scale,
            power: power,
            squares: squares,
            typicalError: error,
            combined: combined
        )
    }

    /// A study in which rss is best, and which holds those rules plausible whose squares are at most a threshold.
    private func study(threshold: Double, best: AdditivityStudy.Fit? = nil) -> AdditivityStudy {
        let sum = fit(1, [7, 3, 1], squares: 0.5, error: 0.5)
        let rss = fit(2, [5, 2, 1], power: 2, squares: 0.1, error: 0.1)
        let max = fit(.infinity, [4, 2, 1], scale: 3, squares: 0.2, error: 0.000_01)
        return AdditivityStudy(
            rules: [.sum: sum, .rss: rss, .max: max],
            best: best ?? rss,
            interval: 1.5...(.infinity),
            explainedShare: 0.9,
            threshold: threshold
        )
    }

    @Test("every recipe has a row with its loss and what each rule makes of it")
    func table() throws {
        let report = AdditivityReport(
            study(threshold: 0.3),
            recipes: ["flux1-dev-8GB.json", "b\u{1B}.json", "c.json"],
            losses: [51, 8.25, 2],
            defaultRule: .sum
        )
        let text = try report.table().inEveryForm()
        try ExpectedText.expect(
            text + "\n== Conclusion\n\n" + report.conclusion(style: .eighty),
            in: "ReportsTests/Expected/AdditivityReport.txt"
        )
        expectFits(report.table().text(style: .eighty))
        expectFits(report.conclusion(style: .eighty))
        expectFits(report.conclusion(style: .forty), 40)
    }

    @Test("the best rule says which others cannot be told from it, or that another exponent is better still")
    func best() {
        func lines(_ study: AdditivityStudy, _ rule: ImpactCombination) -> [String] {
            AdditivityReport(study, recipes: [], losses: [], defaultRule: rule)
                .conclusion(style: .plain).split(separator: "\n").suffix(2).map(String.init)
        }
        #expect(
            lines(study(threshold: 0.15), .rss) == [
                "Best      rss, off by 10 % as a rule", "Default   rss, the best of the three",
            ]
        )
        #expect(
            lines(study(threshold: 1), .max) == [
                "Best      rss, off by 10 % as a rule; sum and max cannot be told from it: measure recipes that "
                    + "differ more in how they spread their impact",
                "Default   max, off by less than 0.01 % as a rule; rss is the best of the three",
            ]
        )
        let other = fit(1.5, [6, 2.5, 1], squares: 0.001, error: 0.01)
        #expect(
            lines(study(threshold: 0.01, best: other), .rss)[0]
                == "Best      rss, off by 10 % as a rule; the exponent 1.5 would be off by 1 % as a rule"
        )
    }

    @Test("without a recipe the table is its headings")
    func noRecipes() {
        let report = AdditivityReport(study(threshold: 1), recipes: [], losses: [], defaultRule: .sum)
        #expect(
            report.table().csv() == "recipe,loss,sum,sumLoss,rss,rssLoss,max,maxLoss\n"
        )
    }
}
