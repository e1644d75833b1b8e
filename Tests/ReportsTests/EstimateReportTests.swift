import Tensors
import Reports
import Sensitivity
import TestSupport
import Testing

@testable import Estimation

@Suite struct EstimateReportTests {
    private func cell(_ impact: Double, _ error: Double, loss: Double? = nil) -> EstimatedImpacts.Cell {
        EstimatedImpacts.Cell(
            loss: loss.map { EstimatedSum(value: $0, standardError: 0.25) },
            impact: EstimatedSum(value: impact, standardError: error)
        )
    }

    private func impacts(_ kind: ImpactKind, uncertainty: Double? = nil) -> EstimatedImpacts {
        EstimatedImpacts(
            layers: ["blk.0.attn_q.weight", "output.weight"],
            formats: ["Q4_0", "Q8_0", "TQ1_0"],
            cells: [
                [cell(3, 0.3, loss: 9), cell(0, 0), nil],
                [cell(4, 0.4, loss: 16), cell(.infinity, 0), nil],
            ],
            meaning: ImpactMeaning(kind: kind, uncertainty: uncertainty)
        )
    }

    @Test("amplitudes combine as the root of the sum of their squares")
    func amplitudes() throws {
        // √(3² + 4²) = 5; its error √((3/5 · 0.3)² + (4/5 · 0.4)²) = √(0.0324 + 0.1024) = 0.3672.
        let report = EstimateReport(impacts(.amplitude))
        try ExpectedText.expect(
            report.formats.inEveryForm() + "\n== Cells as text\n\n" + report.cells.text(style: .eighty)
                + "\n== Cells as CSV\n\n" + report.cells.csv(),
            in: "ReportsTests/Expected/EstimateReport.txt"
        )
        expectFits(report.formats.text(style: .eighty))
        expectFits(report.cells.text(style: .eighty))
    }

    @Test("losses add up, with what the table as a whole may be off by")
    func losses() {
        // 3 + 4 = 7; √(0.3² + 0.4² + (0.2 · 7)²) = √(0.25 + 1.96) = 1.487.
        let rows = EstimateReport(impacts(.loss, uncertainty: 0.2)).formats.rows
        #expect(rows[0].map(\.text) == ["Q4_0", "4.5", "2", "7", "1.487", "output.weight", "4"])
    }

    @Test("a format that fits no layer has no row, and a cell without an end is inf")
    func edges() {
        let report = EstimateReport(impacts(.amplitude))
        #expect(report.formats.rows.map { $0[0].text } == ["Q4_0", "Q8_0"])
        #expect(report.formats.rows[1][3].text == "0")
        #expect(report.cells.rows.count == 4)
        #expect(report.cells.rows[3][4].text == "inf")
    }
}
