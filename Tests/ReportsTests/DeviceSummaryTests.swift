import Tensors
import Runtimes
import BitAllocation
import TestSupport
import Testing

@testable import Planning
@testable import Reports

@Suite struct DeviceSummaryTests {
    private let fixture: DeviceFixture

    init() throws { fixture = try DeviceFixture() }

    @Test(
        "every device has its blocks and the sum of what it holds, and the speed follows from the bandwidths"
    )
    func whole() throws {
        let plan = fixture.plan(["Q8_0", "Q4_0", "Q8_0"], moving: true, minimumSpeed: 20)
        let lines = DeviceSummary(plan).lines(width: 80).joined(separator: "\n")
        try ExpectedText.expect(lines + "\n", in: "ReportsTests/Expected/DeviceSummary.txt")
        expectFits(lines)
    }

    @Test("a plan that leaves the host no room for earlier prompts has a note, with what to do")
    func promptCache() throws {
        #expect(DeviceSummary(fixture.plan(["Q8_0", "Q4_0", "Q8_0"])).note == nil)
        let small = try DeviceFixture(hostBytes: 8 << 30)
        let note = try #require(DeviceSummary(small.plan(["Q8_0", "Q4_0", "Q8_0"])).note)
        #expect(note.contains("up to 8.00 GiB") && note.contains("of cpu\\u{7}: start it with --cache-ram 0"))
    }

    @Test("devices are named in a few words, and a layer by the one that it is on")
    func brief() {
        let summary = DeviceSummary(fixture.plan(["Q8_0", "Q4_0", "Q8_0"]))
        #expect(summary.brief == "cpu\\u{7} of 64.00 GiB and gpu of 24.00 GiB")
        #expect(summary.device(ofLayer: 0) == nil)
        #expect(summary.device(ofLayer: 1) == "cpu\u{7}" && summary.device(ofLayer: 2) == "gpu")
        expectFits(summary.lines(width: 60).joined(separator: "\n"), 60)
    }
}
