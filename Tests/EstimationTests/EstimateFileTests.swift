import Foundation
import Text
import Sensitivity
import TestSupport
import Tensors
import TestSupport
import Testing

@testable import Estimation

@Suite("Files of errors")
struct EstimateFileTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func header(
        digest: String = "d",
        weights: String = "w",
        formats: [QuantizationFormat] = [.q8_0, .q4_0],
        rowShare: Double = 0.1,
        seed: UInt64 = .max,
        importance: String? = nil,
        part: String? = nil
    ) throws -> EstimateHeader {
        EstimateHeader(
            model: "m",
            modelDigest: digest,
            weightsDigest: weights,
            settings: try EstimateSettings(formats: formats, rowShare: rowShare, seed: seed),
            importance: importance.map { ImportanceReference(name: "i.gguf", digest: $0) },
            part: try part.map(WorkPart.init(parsing:))
        )
    }

    private func estimate(_ name: String, _ value: Double = 0.1) -> TensorEstimate {
        TensorEstimate(
            tensor: name,
            rowCount: 7,
            measuredRows: 3,
            plain: OutputErrors(
                signal: EstimatedSum(value: 12.5, standardError: 1e-30),
                errors: [EstimatedSum(value: value, standardError: 0.01), nil]
            ),
            weighted: OutputErrors(
                signal: EstimatedSum(value: 3, standardError: 0),
                errors: [EstimatedSum(value: value / 7, standardError: 0.001), nil]
            )
        )
    }

    @Test("what is appended is read back the same, with strange names")
    func roundTrip() throws {
        let path = folder.path("e.jsonl")
        let header = try header(importance: "i", part: "3/16")
        let names = ["a", "b \"quoted\" \\ \n line", "ü\u{2028}"]
        do {
            let recorder = try EstimateRecorder(path: path, header: header, resuming: false)
            for name in names { try recorder.append(estimate(name)) }
        }
        let document = try EstimateDocument(path: path)
        #expect(document.header == header)
        #expect(document.estimates == names.map { estimate($0) })
        #expect(!document.isTorn)
    }

    @Test("a line that was cut off is passed over, and taken away when the file is gone on with")
    func torn() throws {
        let path = folder.path("e.jsonl")
        let header = try header()
        do {
            let recorder = try EstimateRecorder(path: path, header: header, resuming: false)
            try recorder.append(estimate("a"))
            try recorder.append(estimate("b"))
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let lines = whole.split(separator: UInt8(ascii: "\n"))
        let secondEnd = lines[0].count + lines[1].count + 2
        for cut in [secondEnd + 1, whole.count - 1] {
            try whole[..<cut].write(to: URL(fileURLWithPath: path))
            #expect(try EstimateDocument(path: path).isTorn)
            do {
                let recorder = try EstimateRecorder(path: path, header: header, resuming: true)
                #expect(recorder.known == [estimate("a")] && recorder.wasTorn)
                try recorder.append(estimate("b"))
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        }
    }

    @Test("a file is never written over, and only one program goes on with it")
    func existing() throws {
        let path = folder.path("e.jsonl")
        let recorder = try EstimateRecorder(path: path, header: header(), resuming: true)
        #expect(recorder.known.isEmpty)
        try recorder.append(estimate("a"))
        #expect(throws: EstimationError.exists(path: path)) {
            try EstimateRecorder(path: path, header: header(), resuming: false)
        }
        #expect(throws: EstimationError.cannotWrite(path: path, reason: "another program writes to it")) {
            try EstimateRecorder(path: path, header: header(), resuming: true)
        }
        let nowhere = folder.path("none/e.jsonl")
        #expect(throws: EstimationError.cannotWrite(path: nowhere, reason: "no such file or directory")) {
            try EstimateRecorder(path: nowhere, header: header(), resuming: false)
        }
        let place = folder.url.path
        #expect(throws: EstimationError.cannotWrite(path: place, reason: "it is not a regular file")) {
            try EstimateRecorder(path: place, header: header(), resuming: true)
        }
        withExtendedLifetime(recorder) {}
    }

    @Test(
        "a file without a measured tensor is begun anew, whatever it was to hold",
        arguments: [false, true]
    )
    func withoutTensor(resuming: Bool) throws {
        let path = folder.path("e.jsonl")
        _ = try EstimateRecorder(path: path, header: header(), resuming: false)
        let begun = try folder.bytes("e.jsonl")
        let other = try header(digest: "other")
        for bytes in [[], begun, Array(begun.prefix(20)), begun + Array("{\"tensor\": ".utf8)] {
            try folder.write(bytes, "e.jsonl")
            do {
                let recorder = try EstimateRecorder(path: path, header: other, resuming: resuming)
                #expect(recorder.known.isEmpty)
                try recorder.append(estimate("a"))
            }
            #expect(try EstimateDocument(path: path).header == other)
            #expect(try EstimateDocument(path: path).estimates == [estimate("a")])
        }
    }

    @Test("a file with measured tensors, or of something else, is begun anew only where that is asked for")
    func replaces() throws {
        let path = folder.path("e.jsonl")
        do {
            let recorder = try EstimateRecorder(path: path, header: header(), resuming: false)
            try recorder.append(estimate("a"))
        }
        for bytes in [try folder.bytes("e.jsonl"), Array("a novel\n".utf8), Array("a novel".utf8)] {
            try folder.write(bytes, "e.jsonl")
            #expect(throws: EstimationError.exists(path: path)) {
                try EstimateRecorder(path: path, header: header(), resuming: false)
            }
            #expect(try folder.bytes("e.jsonl") == bytes)
            let recorder = try EstimateRecorder(
                path: path,
                header: header(seed: 2),
                resuming: false,
                replacing: true
            )
            #expect(recorder.known.isEmpty)
            #expect(try EstimateDocument(path: path).header == header(seed: 2))
        }
        // What is gone on with is not replaced.
        do {
            let recorder = try EstimateRecorder(path: path, header: header(seed: 2), resuming: true)
            try recorder.append(estimate("b"))
        }
        let known = try EstimateRecorder(
            path: path,
            header: header(seed: 2),
            resuming: true,
            replacing: true
        ).known
        #expect(known == [estimate("b")])
    }

    @Test("whatever differs in the header is named")
    func differences() throws {
        let base = try header()
        for (other, what) in [
            (try header(digest: "x"), "model"), (try header(weights: "x"), "set of weights"),
            (try header(formats: [.q4_0]), "list of formats"), (try header(rowShare: 0.2), "share of rows"),
            (try header(seed: 2), "seed"), (try header(importance: "x"), "importance matrix"),
            (try header(part: "1/2"), "part"),
        ] {
            #expect(difference(other, base) == what)
        }
        #expect(difference(base, base) == nil)
        try header(part: "1/2").check(against: base, path: "p", sameParts: false)
    }

    private func difference(_ header: EstimateHeader, _ other: EstimateHeader) -> String? {
        do throws(EstimationError) {
            try header.check(against: other, path: "p", sameParts: true)
            return nil
        } catch {
            guard case .differs(_, let what, _, _) = error else { return "\(error)" }
            return what
        }
    }

    @Test("parts are put together; two files that disagree are an error")
    func merging() throws {
        func document(_ name: String, _ part: String?, _ estimates: [TensorEstimate]) throws
            -> EstimateDocument
        {
            let recorder = try EstimateRecorder(
                path: folder.path(name),
                header: header(part: part),
                resuming: false
            )
            for estimate in estimates { try recorder.append(estimate) }
            return try EstimateDocument(path: folder.path(name))
        }
        let first = try document("1", "1/2", [estimate("a"), estimate("b")])
        let second = try document("2", "2/2", [estimate("b"), estimate("c")])
        let merged = try EstimateDocument.merged([first, second])
        #expect(merged == ["a": estimate("a"), "b": estimate("b"), "c": estimate("c")])
        let other = try document("3", nil, [estimate("b", 0.2)])
        #expect(throws: EstimationError.conflict(tensor: "b", path: folder.path("3"))) {
            try EstimateDocument.merged([first, other])
        }
    }

    private static let line =
        #"{"tensor":"a","rows":7,"measured":3,"importance":true,"signal":[1,0],"errors":{"Q8_0":[1,0],"Q4_0":null},"#
        + #""weighted":{"signal":[2,0],"errors":{"Q8_0":[2,0],"Q4_0":null}}}"#

    @Test(
        "a damaged line is an error with its number",
        arguments: [
            "", "{}", "[]", "nonsense", line + "x", line.replacing("7", with: "0"),
            line.replacing("3", with: "8"),
            line.replacing("3", with: "-1"), line.replacing("true", with: "1"),
            line.replacing("[1,0]", with: "[1]"), line.replacing("[1,0]", with: "[-1,0]"),
            line.replacing("[1,0]", with: "[1,NaN]"), line.replacing("[1,0]", with: "[1e999,0]"),
            line.replacing("Q8_0", with: "Q5_0"), line.replacing(#""rows":7"#, with: #""rows":7,"rows":7"#),
            line.replacing("null", with: "0"), line.replacing(#""a""#, with: "1"),
            line.replacing("7", with: "99999999999999999999"), line.replacing("true", with: "false"),
            line.replacing("weighted", with: "other"), line.replacing("[2,0]", with: "[-2,0]"),
            line.replacing("[2,0]", with: "null"),
            line.replacing("true", with: #"false,"inputs":"nowhere""#),
            line.replacing("true", with: #"true,"inputs":"lookup""#),
        ]
    )
    func damaged(_ bad: String) throws {
        let header = String(decoding: try header().json.line(), as: UTF8.self)
        _ = try EstimateDocument(Array("\(header)\(Self.line)\n".utf8), path: "e")
        let filled = Self.line.replacing("true", with: #"false,"inputs":"other blocks""#)
        let read = try EstimateDocument(Array("\(header)\(filled)\n".utf8), path: "e").estimates
        #expect(read.first?.inputs == .otherBlocks && read.first?.hasImportance == false)
        #expect(
            throws: EstimationError.malformed(path: "e", line: 2, problem: "it is not the errors of a tensor")
        ) { try EstimateDocument(Array("\(header)\(bad)\n".utf8), path: "e") }
    }

    @Test("a tensor that is there twice, and a file that is something else, are errors")
    func otherFiles() throws {
        let header = String(decoding: try header().json.line(), as: UTF8.self)
        #expect(
            throws: EstimationError.malformed(path: "e", line: 3, problem: "\"a\" is there a second time")
        ) {
            try EstimateDocument(Array("\(header)\(Self.line)\n\(Self.line)\n".utf8), path: "e")
        }
        for text in ["", "\n", "{}\n", "GGUF\n", Self.line + "\n", header.replacing("2,", with: "3,")] {
            #expect(
                throws: EstimationError.malformed(
                    path: "e",
                    line: 1,
                    problem: "it is not the header of measured errors"
                )
            ) { try EstimateDocument(Array(text.utf8), path: "e") }
        }
    }

    @Test("a file of the version before is gone on with, unless it lacks the errors without weights")
    func earlierVersion() throws {
        let header = try header()
        let text = String(decoding: try header.json.line(), as: UTF8.self)
            .replacing("\"version\": 2", with: "\"version\": 1")
        let line =
            #"{"tensor":"a","rows":7,"measured":3,"importance":false,"signal":[1,0],"errors":{"Q8_0":[1,0],"Q4_0":null}}"#
        let path = try folder.write(Array("\(text)\(line)\n".utf8), "old.jsonl")
        do {
            let recorder = try EstimateRecorder(path: path, header: header, resuming: true)
            #expect(recorder.known.map(\.tensor) == ["a"])
            try recorder.append(
                TensorEstimate(
                    tensor: "b",
                    rowCount: 1,
                    measuredRows: 1,
                    plain: OutputErrors(
                        signal: EstimatedSum(value: 1, standardError: 0),
                        errors: [EstimatedSum(value: 0.5, standardError: 0), nil]
                    )
                )
            )
        }
        #expect(try EstimateDocument(path: path).estimates.map(\.tensor) == ["a", "b"])
        let weighted = text.replacing("\"importance\": null", with: "\"importance\": \"fnv1a64:0a\"")
        #expect(throws: EstimationError.earlierVersion(path: "e")) {
            try EstimateDocument(Array("\(weighted)\n".utf8), path: "e")
        }
    }

    @Test("every file of the fuzzing corpus is read or refused, as its name says")
    func corpus() throws {
        let files = try FuzzCorpus("errors").files
        #expect(files.count >= 10)
        for file in files {
            do throws(EstimationError) {
                _ = try EstimateDocument(file.bytes, path: file.name)
                #expect(file.isGood, "\(file.name) is read")
            } catch {
                #expect(!file.isGood, "\(file.name): \(error)")
                #expect(error.description.contains(file.name))
            }
        }
    }
}
