import BitAllocation
import Sensitivity
import Planning
import Reports
import Tensors
import TestSupport
import Testing

/// What is said of formats that somebody else chose.
@Suite struct AssignedFormatsTextTests {
    private func assigned(_ formats: [String: String]) throws -> (AssignedFormats, SmallTask) {
        let small = try SmallTask()
        return (
            small.task.measuring { formats[$0.name].flatMap(QuantizationFormat.init(named:)) }, small
        )
    }

    @Test("every reason for which the table does not measure formats is a clause of its own")
    func gaps() throws {
        let (formats, small) = try assigned([
            "blk.0.ffn_up.weight": "Q6_K", "blk.1.ffn_up.weight": "Q6_K", "blk.2.ffn_up.weight": "Q5_K",
            "output.weight": "Q8_0",
        ])
        #expect(
            formats.gapTexts(in: small.problem, columns: ["Q4_0", "Q8_0", "Q5_K"]) == [
                "the table has no column for Q6_K, which 2 layers have",
                "this plan may not take Q5_K, which 1 layer has",
            ]
        )
        #expect(formats.formatsText == "2 Q6_K, 1 Q5_K, 1 Q8_0")
    }

    @Test("nothing is said where the table has a cell for every layer")
    func whole() throws {
        let (formats, small) = try assigned([:])
        #expect(formats.gapTexts(in: small.problem, columns: small.table.formats).isEmpty)
        #expect(formats.keptTexts.isEmpty)
        #expect(formats.formatsText == "4 BF16")
    }

    @Test("kept tensors in other formats are named, those of the same formats together")
    func kept() throws {
        let (formats, _) = try assigned(["output_norm.weight": "F32"])
        #expect(
            formats.keptTexts == [
                "output_norm.weight in F32 where plans keep BF16: the size counts that, the impact does not"
            ]
        )
    }

    @Test("formats are counted from the most layers, and those of as many stand in the order of their names")
    func counts() {
        #expect(AssignedFormats.text(ofLayers: []) == "")
        #expect(AssignedFormats.text(ofLayers: ["Q8_0", "Q4_0", "BF16", "Q4_0"]) == "2 Q4_0, 1 BF16, 1 Q8_0")
    }
}
