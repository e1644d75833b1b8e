import BitAllocation
import Planning
import Reports
import Tensors
import TestSupport
import Testing

@Suite struct LayerRankingTests {
    private func ranking(_ small: SmallTask) -> LayerRanking {
        LayerRanking(small.task, reasons: RestrictionReasons([], of: small.problem))
    }

    @Test("layers are ranked by what their smallest formats do, by their bytes, and by what forces the size")
    func whole() throws {
        let small = try SmallTask()
        let ranking = ranking(small)
        try ExpectedText.expect(
            """
            \(try ranking.mostImportant(small.best).inEveryForm())
            == Largest as text

            \(ranking.largest(small.best, count: 3).text(style: .eighty))
            == Largest as CSV

            \(ranking.largest(small.best, count: 3).csv())
            == What forces the size, as text

            \(ranking.smallestFile(count: 3).text(style: .eighty))
            == What forces the size, as CSV

            \(ranking.smallestFile(count: 2).csv())
            """,
            in: "ReportsTests/Expected/LayerRanking.txt"
        )
        expectFits(ranking.mostImportant(small.best).text(style: .eighty))
        expectFits(ranking.largest(small.best).text(style: .eighty))
        expectFits(ranking.smallestFile().text(style: .eighty))
    }

    @Test("layers that are tied to one format force a size together")
    func ties() throws {
        var small = try SmallTask()
        let restriction = Restriction(.pin(try Glob("output.*"), .q8_0), description: "--pin output.*=Q8_0")
        let unrestricted = small.problem
        try small.task.problem.apply([restriction])
        small.task.problem.tie([2, 3])
        let ranking = LayerRanking(small.task, reasons: RestrictionReasons([restriction], of: unrestricted))
        let rows = ranking.smallestFile().rows
        #expect(
            rows[1].map(\.text) == [
                "output.weight", "Q8_0", "69.63 kB", "Q4_0 is forbidden by --pin output.*=Q8_0",
            ]
        )
        // The tie costs one step from Q4_0 to Q8_0.
        #expect(
            rows.last?.map(\.text) == [
                "layers tied to one format", "", "32.77 kB", "together they take a larger one",
            ]
        )
    }
}
