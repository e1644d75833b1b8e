import Calibration
import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import Estimation

/// What files of losses are called, and whose they are.
@Suite struct LossNamesTests {
    private let folder: ScratchFolder
    private let model: Model

    init() throws {
        folder = try ScratchFolder()
        var file = SafetensorsBytes()
        file.add("a", [1, 32], drawnWeights(32, seed: 1))
        model = try Model.read(path: folder.write(file.bytes, "model.safetensors"))
    }

    private func header(
        weights: String = "w",
        runtime: String = "run",
        part: WorkPart? = nil
    ) -> CalibrationHeader {
        CalibrationHeader(
            model: "model",
            modelDigest: "d",
            weightsDigest: weights,
            runtime: runtime,
            unit: nil,
            chunks: nil,
            formats: ["Q4_0"],
            importance: nil,
            part: part,
            baseline: CalibrationBaseline(loss: 0.5)
        )
    }

    private func names(_ header: CalibrationHeader, resuming: Bool = false) -> MeasurementNames {
        MeasurementNames(of: model, header: header, in: folder.url.path, resuming: resuming)
    }

    private func begin(_ header: CalibrationHeader) throws -> MeasurementNames {
        let names = names(header)
        try LossRecorder(path: names.path, header: header, resuming: false).begin(header)
        return names
    }

    @Test("the same measurement goes on with its file; another model and other settings have others")
    func choosesNames() throws {
        let first = try begin(header())
        #expect(first.path == folder.path("model-losses.csv") && first.taken == nil)
        #expect(names(header()) == first)

        let otherModel = names(header(weights: "x"))
        #expect(otherModel.taken == .init(path: first.path, hasOtherSettings: false))
        #expect(otherModel.path != first.path)

        let otherSettings = names(header(runtime: "other"))
        #expect(otherSettings.taken == .init(path: first.path, hasOtherSettings: true))
        #expect(names(header(runtime: "other"), resuming: true) == first)
    }

    @Test("a file without a whole header is the measurement's own, and one that holds something else is not")
    func others() throws {
        try folder.write("# kind: lo", "model-losses.csv")
        #expect(names(header()).taken == nil)
        try folder.write("layer,Q4_0\nmine,0.3\n", "model-losses.csv")
        #expect(names(header()).taken?.hasOtherSettings == false)
    }

    @Test("parts of one measurement have names of one pattern")
    func parts() throws {
        let (one, two) = (try WorkPart(parsing: "1/2"), try WorkPart(parsing: "2/2"))
        let first = try begin(header(part: one))
        #expect(first.path == folder.path("model-losses-1-of-2.csv"))
        #expect(names(header(part: two)).path == folder.path("model-losses-2-of-2.csv"))
        #expect(names(header(weights: "x", part: two)).taken?.path == first.path)
    }
}
