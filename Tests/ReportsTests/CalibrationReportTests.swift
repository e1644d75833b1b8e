import Tensors
import Planning
import Reports
import Sensitivity
import TestSupport
import Testing

@Suite struct CalibrationReportTests {
    private let layers: SmallTask

    init() throws { layers = try SmallTask() }

    private func report(_ losses: [MeasuredLoss]) -> CalibrationReport {
        CalibrationReport(losses, layers: layers.task.model.layers)
    }

    @Test("losses are summed up by kind of layer and format")
    func kinds() throws {
        // The mean of 0.5, 0.25 and 0 is 0.25, its standard error √(0.03² + 0.04²)/3 = 0.05/3 = 0.01667.
        let report = report([
            MeasuredLoss(layer: "blk.0.ffn_up.weight", format: "Q4_0", loss: 0.5, standardError: 0.03),
            MeasuredLoss(layer: "blk.1.ffn_up.weight", format: "Q4_0", loss: 0.25, standardError: 0.04),
            MeasuredLoss(layer: "output.weight", format: "Q4_0", loss: 1234.5678, standardError: 2),
            MeasuredLoss(layer: "blk.2.ffn_up.weight", format: "Q4_0", loss: -0.0, standardError: 0),
            MeasuredLoss(layer: "output.weight", format: "Q8_0", loss: -0.001),
            MeasuredLoss(layer: "of another model", format: "Q8_0", loss: 1),
        ])
        try ExpectedText.expect(
            report.kinds.inEveryForm(),
            in: "ReportsTests/Expected/CalibrationReport.txt"
        )
        expectFits(report.kinds.text(style: .eighty))
    }

    @Test("of losses that tie, one layer alone is the worst")
    func ties() {
        let kinds = report([
            MeasuredLoss(layer: "blk.0.ffn_up.weight", format: "Q4_0", loss: 1),
            MeasuredLoss(layer: "blk.1.ffn_up.weight", format: "Q4_0", loss: 1),
        ]).kinds
        #expect(kinds.rows.count == 1)
        #expect(kinds.rows[0][6].text == "blk.0.ffn_up.weight")
    }

    @Test("without a loss the table is its headings")
    func none() {
        #expect(report([]).kinds.rows.isEmpty)
    }

    @Test("the standard error of a mean is not known where that of one of the losses is not")
    func unknownError() {
        let rows = report([
            MeasuredLoss(layer: "blk.0.ffn_up.weight", format: "Q4_0", loss: 1, standardError: 0.1),
            MeasuredLoss(layer: "blk.1.ffn_up.weight", format: "Q4_0", loss: 2),
        ]).kinds.rows
        #expect(rows.map { $0[5] } == [.empty])
    }
}
