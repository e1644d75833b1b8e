import Tensors
import Runtimes
import BitAllocation
import Planning
import Reports
import TestSupport
import Testing

@Suite struct DeviceExplanationTests {
    private let fixture: DeviceFixture

    init() throws { fixture = try DeviceFixture() }

    /// Why block 0's matrix takes Q8_0 on the host, at 0.25 + 1 + 2 = 3.25.
    private func explanation(_ plan: DevicePlan, devices: Bool = true) -> DeviceExplanation {
        let options = Array(fixture.task.problem.options(ofLayer: 1))
        return DeviceExplanation(
            DeviceAlternatives(
                layer: 1,
                plan: plan,
                formats: [
                    (options[2], DeviceAlternatives.Outcome.none), (options[1], .plan(plan)),
                    (options[0], .plan(fixture.plan(["Q8_0", "Q4_0", "Q8_0"], moving: true, bound: 6))),
                ],
                devices: devices ? [(0, .plan(plan)), (1, .notFound)] : []
            ),
            task: fixture.task,
            reasons: RestrictionReasons([], of: fixture.task.problem)
        )
    }

    @Test("a layer's formats and devices stand with what they would cost the plan")
    func whole() throws {
        let explanation = explanation(fixture.plan(["Q8_0", "Q8_0", "Q8_0"], perSecond: 3))
        let text = explanation.text(style: .eighty)
        try ExpectedText.expect(
            """
            \(text)
            == Formats

            \(try explanation.formatTable().inEveryForm())
            == Devices as CSV

            \(explanation.deviceTable().csv())
            """,
            in: "ReportsTests/Expected/DeviceExplanation.txt"
        )
        expectFits(text)
    }

    @Test("where no limit binds, the prices are 0 and that is said")
    func free() {
        let text = explanation(fixture.plan(["Q8_0", "Q8_0", "Q8_0"], perByte: [0, 1e-20]), devices: false)
            .text()
        #expect(text.contains("Price   0: no device is full\n"))
        #expect(!text.contains("Takes there"))
    }
}
