import Calibration
import Testing

@Suite("Text for a time")
struct TextBudgetTests {
    @Test("the time is filled and not exceeded", arguments: [30.0, 120, 600, 3600], [10, 210])
    func fills(seconds: Double, runs: Int) {
        let budget = TextBudget(few: (1, 0.5 + 0.25), many: (4, 0.5 + 1))
        let chunks = budget.chunks(seconds: seconds, runs: runs)
        let each = 0.5 + 0.25 * Double(chunks)
        #expect(chunks >= TextBudget.fewest && chunks <= TextBudget.most)
        #expect(chunks == TextBudget.fewest || each * Double(runs) <= seconds)
        if chunks < TextBudget.most { #expect((each + 0.25) * Double(runs) > 0.9 * seconds) }
        #expect(budget.runs(seconds: seconds, chunks: chunks) == Int(seconds / each))
    }

    @Test("runs that noise turned round, or that take no time, give a number all the same")
    func survivesNoise() {
        for (few, many) in [(2.0, 1.0), (0, 0), (1e-9, 1e-9), (1e9, 1)] {
            let budget = TextBudget(few: (1, few), many: (4, many))
            #expect((TextBudget.fewest...TextBudget.most).contains(budget.chunks(seconds: 60, runs: 3)))
        }
    }
}
