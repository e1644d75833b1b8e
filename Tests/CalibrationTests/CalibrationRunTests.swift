import Testing

@testable import Calibration

/// What is taken off a loss.
@Suite struct CalibrationRunTests {
    @Test(
        "a difference has the digits of what was printed",
        arguments: [
            (0.98, 1.0, -0.02), (5.031, 5.05, -0.019), (12.3457, 12.3456, 0.0001), (1e-9, 0, 1e-9), (0, 0, 0),
            (1e300, 1, 1e300),
        ]
    )
    func differences(loss: Double, baseline: Double, difference: Double) {
        #expect(CalibrationRun.difference(loss, baseline) == difference)
    }

    @Test(
        "an error is that of one value where the model as it is has it too, far from 0",
        arguments: [
            // A perplexity, and one of a model that was spoilt.
            (6.2, 0.3, 0.31, true), (6.2, 0.3, 3, false),
            // A divergence from the model as it is: of that it is rounding, or noise.
            (0, 0, 0.01, false), (0.000003, 0.0000002, 0.00005, false), (0.001, 0.001, 0.001, false),
        ]
    )
    func errorsOfOneValue(loss: Double, own: Double, error: Double, isOfOne: Bool) {
        let baseline = CalibrationBaseline(loss: loss, standardError: own)
        #expect(baseline.isErrorOfOneValue(error) == isOfOne)
        #expect(!CalibrationBaseline(loss: loss).isErrorOfOneValue(error))
    }
}
