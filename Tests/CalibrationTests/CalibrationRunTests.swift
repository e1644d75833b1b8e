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
}
