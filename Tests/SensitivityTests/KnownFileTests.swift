import Foundation
import TestSupport
import Testing
import Text

@testable import Sensitivity

/// Which files are known as tables and measurements of this program.
@Suite struct KnownFileTests {
    private func file(_ text: String) throws -> InspectedFile {
        try #require(InspectedFile(bytes: Array(text.utf8)))
    }

    @Test("a table is known as it was written, and not once it was changed by hand")
    func tables() throws {
        let text = MarkedTable(try ImpactTable.fluxDevTable3).text
        #expect(try MarkedTable.isOwn(file(text)))
        #expect(try !MarkedTable.isOwn(file(text + "mine,1,2,3,4\n")))
        #expect(try !MarkedTable.isOwn(file("# kind: loss\nlayer,Q4_0\nmine,0.3\n")))
        #expect(try !MarkedTable.isOwn(file("layer,Q4_0\nmine,0.3\n")))
    }

    @Test("what was measured of states and of outputs is known")
    func measurements() throws {
        let states = try StateMerge(CaptureFile.read(CaptureBytes.whole().data, file: "c"))
        #expect(try MeasuredCaptures.isMeasurement(file(MeasuredCaptures.states(states).text())))
        var capture = CaptureBytes()
        capture.metadata = ["plan_capture": "2", "model": "tiny", "unit": "nats", "perturbations": "0.1,0.4"]
        capture.samples = [0, 1]
        capture.tensors = [
            ("end_loss.a", [2, 2], [0.01, 0.16, 0.01, 0.16]), ("mean_square.a", [2], [3, 3]),
            ("cast_loss.a.Q4_0", [2], [0.01, 0.01]),
        ]
        let outputs = try OutputMerge(OutputCapture(CaptureContents(Array(capture.data), file: "c")))
        #expect(try MeasuredCaptures.isMeasurement(file(MeasuredCaptures.outputs(outputs).text())))
        for other in ["{}", #"{"layerCount": 2, "perturbation": 0.1, "states": []}"#, "[]", "states"] {
            #expect(try !MeasuredCaptures.isMeasurement(file(other)))
        }
    }

    @Test("the page of a sensitivity analysis is known by its heading and its first table")
    func pages() throws {
        let page = try SensitivityAnalysisPage.fluxDev.markdown
        #expect(try SensitivityAnalysisPage.isPage(file(page)))
        #expect(try !SensitivityAnalysisPage.isPage(file("# Sensitivity Analysis\n\nof my own\n")))
        #expect(try !SensitivityAnalysisPage.isPage(file("Today\n" + page)))
    }
}
