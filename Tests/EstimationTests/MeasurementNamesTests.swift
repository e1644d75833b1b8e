import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Estimation

/// What files of errors are called, and whose they are.
@Suite struct MeasurementNamesTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// A model that is called `model`, in a folder of its own.
    private func model(in name: String) throws -> Model {
        try FileManager.default.createDirectory(
            atPath: folder.path(name),
            withIntermediateDirectories: true
        )
        var file = SafetensorsBytes()
        file.add("a", [1, 32], drawnWeights(32, seed: 1))
        return try Model.read(path: folder.write(file.bytes, name + "/model.safetensors"))
    }

    private func header(
        weights: String = "w",
        seed: UInt64 = 1,
        part: String? = nil
    ) throws -> EstimateHeader {
        EstimateHeader(
            model: "model",
            modelDigest: "d",
            weightsDigest: weights,
            settings: try EstimateSettings(formats: [.q8_0], seed: seed),
            importance: nil,
            part: try part.map(WorkPart.init(parsing:))
        )
    }

    private func names(
        _ model: Model,
        _ header: EstimateHeader,
        resuming: Bool = false
    ) -> MeasurementNames {
        MeasurementNames(of: model, header: header, in: folder.url.path, resuming: resuming)
    }

    /// Begins the file that a measurement has.
    @discardableResult
    private func begin(_ model: Model, _ header: EstimateHeader) throws -> MeasurementNames {
        let names = names(model, header)
        _ = try EstimateRecorder(path: names.path, header: header, resuming: false)
        return names
    }

    @Test("the first name is the model's, and the same measurement goes on with it")
    func own() throws {
        let model = try model(in: "one")
        let first = try begin(model, header())
        #expect(first.path == folder.path("model-errors.jsonl") && first.stem == folder.path("model"))
        #expect(first.taken == nil)
        for resuming in [false, true] {
            #expect(try names(model, header(), resuming: resuming) == first)
        }
    }

    @Test("a file of another model of the name stays, and the folder's name stands in its place")
    func otherModel() throws {
        try begin(model(in: "one"), header())
        let second = try begin(model(in: "two"), header(weights: "x"))
        #expect(second.path == folder.path("two-errors.jsonl") && second.stem == folder.path("two"))
        #expect(
            second.taken == .init(path: folder.path("model-errors.jsonl"), hasOtherSettings: false)
        )
        // A third one has only its digest left.
        let third = try names(model(in: "two"), header(weights: "y"))
        #expect(third.stem.wholeMatch(of: /.*\/model-[0-9a-f]{8}/) != nil)
        #expect(third.taken == second.taken)
        // What is no file of errors is another's too.
        try folder.write("my own notes\n", "model-errors.jsonl")
        #expect(try names(model(in: "one"), header()).path == folder.path("one-errors.jsonl"))
    }

    @Test("other settings have another file, and are gone on with only to say in what they differ")
    func otherSettings() throws {
        let model = try model(in: "one")
        let first = try begin(model, header())
        let other = try names(model, header(seed: 2))
        #expect(other.path == folder.path("one-errors.jsonl"))
        #expect(other.taken == .init(path: first.path, hasOtherSettings: true))
        #expect(try names(model, header(seed: 2), resuming: true) == first)
    }

    @Test("a file that a crash left without a whole line is the measurement's own")
    func torn() throws {
        let model = try model(in: "one")
        try folder.write(#"{"version": 2, "mo"#, "model-errors.jsonl")
        #expect(try names(model, header()).taken == nil)
    }

    @Test("parts of one measurement have names of one pattern, and those of another leave it to them")
    func parts() throws {
        let (one, two) = (try model(in: "one"), try model(in: "two"))
        let second = try begin(one, header(part: "2/16"))
        #expect(second.path == folder.path("model-errors-02-of-16.jsonl"))
        #expect(
            try names(one, header(part: "11/16")).path == folder.path("model-errors-11-of-16.jsonl")
        )
        let other = try names(two, header(weights: "x", part: "11/16"))
        #expect(other.path == folder.path("two-errors-11-of-16.jsonl"))
        #expect(other.taken == .init(path: second.path, hasOtherSettings: false))
    }

    @Test("a header is held against another one's model, weights and settings")
    func relations() throws {
        let own = try header(part: "1/2")
        #expect(own.relation(to: own, sameParts: true) == .same)
        #expect(try own.relation(to: header(part: "2/2"), sameParts: false) == .same)
        #expect(try own.relation(to: header(part: "2/2"), sameParts: true) == .otherSettings)
        #expect(try own.relation(to: header(seed: 2, part: "1/2"), sameParts: true) == .otherSettings)
        #expect(try own.relation(to: header(weights: "x", part: "1/2"), sameParts: true) == .otherModel)
    }

    @Test("names of parts have numbers of the same length, and those of the whole none")
    func endings() throws {
        let part = try WorkPart(parsing: "3/16")
        #expect(WorkPart.nameEnding("losses", of: part, type: "csv") == "-losses-03-of-16.csv")
        #expect(WorkPart.nameEnding("losses", of: nil, type: "csv") == "-losses.csv")
        #expect(WorkPart.nameEnding("scratch", of: part) == "-scratch-03-of-16")
        #expect(WorkPart.nameEnding("scratch", of: nil) == "-scratch")
    }
}
