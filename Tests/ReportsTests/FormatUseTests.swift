import Tensors
import Planning
import BitAllocation
import Reports
import TestSupport
import Testing

@Suite struct FormatUseTests {
    @Test(
        "the formats of a plan stand from the fewest bits per weight to the most, with their layers and bytes"
    )
    func formats() throws {
        let small = try SmallTask()
        let plan = small.plan(small.choices("Q8_0", "BF16", "Q4_0", "Q4_0"))
        let uses = FormatUse.all(in: plan, for: small.task)
        #expect(uses.map(\.format) == ["Q4_0", "Q8_0", "BF16"])
        #expect(
            uses.map(\.layers) == [
                Array(SmallTask.layers[2...]), [SmallTask.layers[0]], [SmallTask.layers[1]],
            ]
        )
        #expect(uses.map(\.bytes) == [2 * 36_864, 69_632, 131_072])
        #expect(uses.map(\.elements) == [131_072, 65_536, 65_536])
    }

    @Test("a plan in one format has one use")
    func one() throws {
        let small = try SmallTask()
        let uses = FormatUse.all(
            in: small.plan(small.choices("Q8_0", "Q8_0", "Q8_0", "Q8_0")),
            for: small.task
        )
        #expect(uses.map(\.format) == ["Q8_0"] && uses[0].layers == SmallTask.layers)
    }
}
