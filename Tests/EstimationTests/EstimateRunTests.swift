import Checkpoints
import Converters
import Foundation
import Sensitivity
import Synchronization
import TestSupport
import Tensors
import Testing

@testable import Estimation

@Suite struct EstimateRunTests {
    private let folder: ScratchFolder
    private let model: Model
    private let layers: LayeredModel

    init() throws {
        folder = try ScratchFolder()
        model = try Model.read(path: try folder.write(WeightedModelFile(seed: 3).bytes, "m.gguf"))
        layers = try LayeredModel.estimated(of: model, grouping: nil)
    }

    private func run(anchors: [QuantizationFormat] = [], part: WorkPart? = nil) throws -> EstimateRun {
        try EstimateRun(
            of: model,
            layers: layers,
            settings: EstimateSettings(formats: [.q4_0, .q8_0]),
            anchors: anchors,
            part: part
        )
    }

    @Test("a run that is stopped goes on where it was, and measures what one in a single go does")
    func resumes() throws {
        let run = try run()
        let whole = try run.measure(into: run.recorder(path: folder.path("whole.jsonl"), resuming: false))
        #expect(whole.isFinished && whole.estimates.count == 7 && run.tensorCount == 7)

        let stop = Mutex(false)
        var (measured, isFirst) = (0, true)
        var result: EstimateRun.Result?
        while result?.isFinished != true {
            stop.withLock { $0 = false }
            let recorder = try run.recorder(path: folder.path("parts.jsonl"), resuming: !isFirst)
            isFirst = false
            #expect(run.remainder(after: recorder).tensorCount == 7 - measured)
            result = try run.measure(
                into: recorder,
                measured: { _ in
                    measured += 1
                    stop.withLock { $0 = measured % 2 == 0 }
                },
                shouldStop: { stop.withLock(\.self) }
            )
            #expect(result?.estimates.count == measured)
        }
        #expect(result?.estimates == whole.estimates)
        #expect(try folder.bytes("parts.jsonl") == folder.bytes("whole.jsonl"))
    }

    @Test("what is left has the weights and the bytes of the tensors that are not measured")
    func remainder() throws {
        let run = try run()
        let recorder = try run.recorder(path: folder.path("e.jsonl"), resuming: false)
        // token_embd has 64 rows of 256, and six matrices of two blocks have 256 rows of 256, all in BF16.
        let count = 64 * 256 + 6 * 256 * 256
        #expect(
            run.remainder(after: recorder)
                == EstimateRun.Remainder(tensorCount: 7, weightCount: count, byteCount: 2 * count)
        )
    }

    @Test("the parts of a run measure every tensor once")
    func parts() throws {
        var names: [String] = []
        for number in 1...3 {
            let run = try run(part: WorkPart(parsing: "\(number)/3"))
            let recorder = try run.recorder(path: folder.path("\(number).jsonl"), resuming: false)
            names += try run.measure(into: recorder).estimates.keys
        }
        #expect(names.sorted() == layers.layers.flatMap(\.tensors).map(\.name).sorted())
    }

    @Test("anchors come behind the formats, once, and a file that lacks nothing but them says so")
    func anchors() throws {
        let run = try run(anchors: [.q8_0, .q5_0])
        #expect(run.formats == [.q4_0, .q8_0, .q5_0] && run.anchors == [.q5_0])
        let path = folder.path("e.jsonl")
        let first = try self.run()
        _ = try first.measure(into: first.recorder(path: path, resuming: false))
        #expect(throws: EstimationError.anchorsMissing(path: path, formats: ["Q5_0"])) {
            try run.recorder(path: path, resuming: true)
        }
        // Another difference is said as it is.
        let other = try EstimateRun(of: model, layers: layers, settings: EstimateSettings(formats: [.q6_K]))
        #expect(
            throws: EstimationError.differs(
                path: path,
                what: EstimateHeader.formatsName,
                found: "Q4_0,Q8_0",
                expected: "Q6_K"
            )
        ) { try other.recorder(path: path, resuming: true) }
    }

    @Test("a format that needs a matrix is refused without one, and so is a model without layers")
    func refused() throws {
        #expect(throws: EstimationError.importanceMissing(format: "IQ2_XXS")) {
            try EstimateRun(of: model, layers: layers, settings: EstimateSettings(formats: [.iq2_xxs]))
        }
        #expect(throws: EstimationError.nothingPlanned(model: model.name)) {
            try EstimateRun(
                of: model,
                layers: layers.keeping(
                    where: { _ in true },
                    keptFormat: { $0.elementType },
                    sourceFormat: .bf16
                ),
                settings: EstimateSettings(formats: [.q4_0])
            )
        }
    }

    @Test("an estimate for a converter measures the layers and formats that it takes, and makes their table")
    func forConverter() throws {
        let converter = Converters.llamaCpp.adapted(to: model, importance: .none)
        let estimate = try ConverterEstimate(of: model, for: converter, formats: [.q4_0, .q8_0])
        #expect(estimate.standIn.formats == ["Q4_0", "Q8_0"])
        #expect(estimate.standIn.layers == estimate.layers.layers.map(\.name))
        let recorder = try estimate.run.recorder(path: folder.path("c.jsonl"), resuming: false)
        let impacts = try estimate.impacts(of: estimate.run.measure(into: recorder).estimates)
        #expect(impacts.layers == estimate.standIn.layers && impacts.formats == estimate.standIn.formats)
        let usual = try ConverterEstimate(of: model, for: converter)
        #expect(usual.run.formats.allSatisfy { converter.accepts($0) && !$0.needsImportanceMatrix })
        #expect(usual.run.formats.contains(.q4_K))
    }
}
