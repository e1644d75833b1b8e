import Checkpoints
import Estimation
import Foundation
import Sensitivity
import TestSupport
import Tensors
import Testing

@testable import Calibration

@Suite struct CalibrationTaskTests {
    private let folder: ScratchFolder
    private let model: Model
    private let layers: LayeredModel

    init() throws {
        folder = try ScratchFolder()
        model = try Model.read(path: try folder.write(WeightedModelFile(seed: 5).bytes, "m.gguf"))
        layers = try LayeredModel.estimated(of: model, grouping: nil)
    }

    private func task(_ command: String, part: WorkPart? = nil) throws -> CalibrationTask {
        try CalibrationTask(
            of: model,
            named: folder.path("m.gguf"),
            layers: layers,
            formats: [.q4_0],
            runtime: .command(
                LossCommand(shell: command, loss: LossExpression("loss ([0-9]+)")),
                unit: "differing bytes"
            ),
            part: part
        )
    }

    /// How many bytes of the copy are not the model's.
    private var differing: String { "echo loss $(cmp -l \(folder.path("m.gguf")) {} | wc -l)" }

    private func measure(
        _ task: CalibrationTask,
        into name: String,
        resuming: Bool = false,
        stopAfter count: Int = .max,
        deadline: ContinuousClock.Instant? = nil
    ) throws -> (result: CalibrationRun.Result, events: [String]) {
        var events: [String] = []
        var begun = 0
        let result = try task.measure(
            into: LossRecorder(path: folder.path(name), header: task.header, resuming: resuming),
            scratchFolder: folder.path("scratch"),
            deadline: deadline,
            report: { event in
                switch event {
                case .begins: begun += 1
                case .baseline(let baseline): events.append("baseline \(baseline.loss)")
                case .unchanged(let count): events.append("unchanged \(count)")
                case .chunksChosen: events.append("chunks")
                }
            },
            shouldStop: { begun > count }
        )
        return (result, events)
    }

    @Test("every layer is measured on a copy with its weights cast, and the copy is taken away")
    func measures() throws {
        let task = try task(differing)
        let (result, events) = try measure(task, into: "l.csv")
        #expect(result.ending == .finished && result.losses.count == layers.layers.count)
        #expect(result.losses.allSatisfy { $0.loss > 0 })
        #expect(events == ["baseline 0.0"])
        #expect(!folder.exists("scratch"))
        #expect(
            task.header.unit == "differing bytes" && task.header.runtime == differing + " loss loss ([0-9]+)"
        )
    }

    @Test("a task that is stopped goes on where it was, and the copy of a run that ended is taken away")
    func resumes() throws {
        let task = try task(differing)
        _ = try measure(task, into: "whole.csv")
        let first = try measure(task, into: "l.csv", stopAfter: 3)
        #expect(first.result.ending == .interrupted && first.result.losses.count == 3)
        let second = try measure(task, into: "l.csv", resuming: true)
        #expect(second.result.ending == .finished)
        #expect(try folder.bytes("l.csv") == folder.bytes("whole.csv"))
        // Nothing is left to measure: the command is not run again, and a copy that a killed program left is taken away.
        _ = try ScratchModel(of: model, named: folder.path("m.gguf"), in: folder.path("scratch"))
        #expect(folder.exists("scratch"))
        let third = try measure(task, into: "l.csv", resuming: true)
        #expect(third.result.losses.count == layers.layers.count && third.events.isEmpty)
        #expect(!folder.exists("scratch"))
    }

    @Test("a command that says the same of every model is noticed after three layers")
    func unchanged() throws {
        let (result, events) = try measure(task("echo loss 7 # {}"), into: "l.csv")
        #expect(events == ["baseline 7.0", "unchanged 3"])
        #expect(result.losses.allSatisfy { $0.loss == 0 })
    }

    @Test("a time that is over ends the measuring after the first loss, and what is left is measured later")
    func deadline() throws {
        let task = try task(differing)
        let result = try measure(task, into: "l.csv", deadline: ContinuousClock.now).result
        #expect(result.ending == .timeIsUp && result.losses.count == 1)
        #expect(try measure(task, into: "l.csv", resuming: true).result.ending == .finished)
    }

    @Test("the parts measure every layer once")
    func parts() throws {
        let parts = try (1...3).map { try task("echo loss 1 # {}", part: WorkPart(parsing: "\($0)/3")) }
        let all = parts.flatMap(\.cells).map(\.layer).sorted()
        #expect(all == Array(layers.layers.indices))
    }

    @Test("what cannot be measured is refused before a file is made")
    func refused() throws {
        #expect(throws: EstimationError.nothingPlanned(model: model.name)) {
            try CalibrationTask(
                of: model,
                named: "m",
                layers: layers.keeping(
                    where: { _ in true },
                    keptFormat: { $0.elementType },
                    sourceFormat: .bf16
                ),
                formats: [.q4_0],
                runtime: task("echo {}").runtime
            )
        }
        #expect(throws: EstimationError.importanceMissing(format: "IQ2_XXS")) {
            try CalibrationTask(
                of: model,
                named: "m",
                layers: layers,
                formats: [.iq2_xxs],
                runtime: task("echo {}").runtime
            )
        }
        let many = try WorkPart(parsing: "99/99")
        #expect(throws: CalibrationError.nothingToMeasure(isPart: true)) { try task("echo {}", part: many) }
    }
}
