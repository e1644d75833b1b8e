import Estimation
import Foundation
import Sensitivity
import TestSupport
import Testing

@testable import Calibration

@Suite("Files of losses")
struct LossRecorderTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func header(
        digest: String = "fnv1a64:1",
        weights: String = "fnv1a64:2",
        runtime: String = "llama-perplexity, text fnv1a64:3, context 256",
        unit: String? = "KL",
        chunks: Int? = nil,
        formats: [String] = ["Q4_0"],
        importance: String? = nil,
        part: WorkPart? = nil
    ) -> CalibrationHeader {
        CalibrationHeader(
            model: "m",
            modelDigest: digest,
            weightsDigest: weights,
            runtime: runtime,
            unit: unit,
            chunks: chunks,
            formats: formats,
            importance: importance,
            part: part,
            baseline: CalibrationBaseline(loss: 0.5)
        )
    }

    private func writeFile() throws {
        let recorder = try LossRecorder(path: folder.path("l.csv"), header: header(), resuming: false)
        try recorder.begin(header(chunks: 8))
        try recorder.append(MeasuredLoss(layer: "a,b", format: "Q4_0", loss: 0.125, standardError: 0.25))
        try recorder.append(MeasuredLoss(layer: "c", format: "Q4_0", loss: -1e-7))
    }

    @Test("what is appended is read back, with what the file says of itself")
    func roundTrip() throws {
        try writeFile()
        let table = try LossTable(path: folder.path("l.csv"))
        #expect(
            table.losses == [
                MeasuredLoss(layer: "a,b", format: "Q4_0", loss: 0.125, standardError: 0.25),
                MeasuredLoss(layer: "c", format: "Q4_0", loss: -1e-7),
            ]
        )
        #expect(table.unit == "KL" && table.comments["chunks"] == "8")
        let again = try LossRecorder(path: folder.path("l.csv"), header: header(), resuming: true)
        #expect(again.known == table.losses && !again.wasTorn)
        #expect(again.earlierHeader?.chunks == 8 && again.earlierHeader?.baseline.loss == 0.5)
    }

    @Test("a file that was cut off anywhere is gone on with, and no loss of it is wrong")
    func cutAnywhere() throws {
        try writeFile()
        let whole = try folder.bytes("l.csv")
        let losses = try LossTable(path: folder.path("l.csv")).losses
        let headerEnd = header(chunks: 8).text.utf8.count
        for length in 0...whole.count {
            try folder.write(Array(whole.prefix(length)), "l.csv")
            let recorder = try LossRecorder(path: folder.path("l.csv"), header: header(), resuming: true)
            #expect(recorder.known == Array(losses.prefix(recorder.known.count)))
            if length < headerEnd {
                #expect(recorder.earlierHeader == nil)
                try recorder.begin(header(chunks: 8))
            }
            for loss in losses.dropFirst(recorder.known.count) { try recorder.append(loss) }
            #expect(try folder.bytes("l.csv") == whole, "cut at \(length)")
        }
    }

    @Test("the header of a damaged file still says whose it is")
    func readsHeaderAlone() throws {
        try writeFile()
        let whole = try #require(try LossRecorder.table(path: folder.path("l.csv")))
        try folder.write(try folder.text("l.csv") + "nonsense\n", "l.csv")
        #expect(
            sentence { try LossRecorder.table(path: folder.path("l.csv")) }?
                .hasSuffix(
                    "/l.csv:14: the row has 1 cell where 4 belong: leave a cell blank rather than out"
                ) == true
        )
        let header = try #require(try LossRecorder.header(path: folder.path("l.csv")))
        #expect(header.comments == whole.comments)
        #expect(header.losses.isEmpty)
    }

    @Test("a file of another model, text, format, matrix, part or amount of text is refused")
    func refusesOthers() throws {
        try writeFile()
        let part = try WorkPart(parsing: "1/2")
        for other in [
            header(digest: "fnv1a64:9"), header(weights: "fnv1a64:9"), header(runtime: "other"),
            header(unit: nil), header(chunks: 4), header(formats: ["Q4_0", "Q8_0"]),
            header(importance: "fnv1a64:4 i.gguf"), header(part: part),
        ] {
            let error = try #require(throws: CalibrationError.self) {
                try LossRecorder(path: folder.path("l.csv"), header: other, resuming: true)
            }
            guard case .differs = error else {
                Issue.record("\(error)")
                continue
            }
        }
        // The same model under another name is the same.
        let renamed = CalibrationHeader(
            model: "another name",
            modelDigest: "fnv1a64:1",
            weightsDigest: "fnv1a64:2",
            runtime: header().runtime,
            unit: "KL",
            chunks: nil,
            formats: ["Q4_0"],
            importance: nil,
            part: nil,
            baseline: CalibrationBaseline(loss: 0)
        )
        #expect(
            try LossRecorder(path: folder.path("l.csv"), header: renamed, resuming: true).known.count == 2
        )
    }

    @Test(
        "a file that is there is not gone on with unless that is asked for, and never one that is no such file"
    )
    func refusesToOverwrite() throws {
        try writeFile()
        #expect(throws: CalibrationError.exists(path: folder.path("l.csv"))) {
            try LossRecorder(path: folder.path("l.csv"), header: header(), resuming: false)
        }
        let foreign = Array("layer,format,loss\na,Q4_0,1\n".utf8)
        try folder.write(foreign, "l.csv")
        #expect(
            throws: CalibrationError.malformed(
                path: folder.path("l.csv"),
                line: 1,
                problem: "it does not say its model"
            )
        ) {
            try LossRecorder(path: folder.path("l.csv"), header: header(), resuming: true)
        }
        #expect(try folder.bytes("l.csv") == foreign)
        try folder.write(Array("a novel".utf8), "l.csv")
        #expect(
            sentence {
                try LossRecorder(path: folder.path("l.csv"), header: header(), resuming: true)
            }?.hasSuffix("/l.csv:1: the table has no layer: add a row per layer") == true
        )
        #expect(try folder.bytes("l.csv") == Array("a novel".utf8))
    }

    @Test("a file without a loss is begun anew, and gone on with where it is of the same measurement")
    func withoutLoss() throws {
        let path = folder.path("l.csv")
        let begun = Array(header(chunks: 8).text.utf8)
        let other = header(digest: "fnv1a64:9")
        for bytes in [[], begun, Array(begun.prefix(30)), begun + Array("a,Q4".utf8)] {
            for resuming in [false, true] {
                try folder.write(bytes, "l.csv")
                let recorder = try LossRecorder(path: path, header: other, resuming: resuming)
                #expect(recorder.known.isEmpty && recorder.earlierHeader == nil)
                try recorder.begin(other)
                try recorder.append(MeasuredLoss(layer: "a", format: "Q4_0", loss: 1))
                #expect(try LossTable(path: path).comments["model"] == "fnv1a64:9 m")
            }
        }
        try folder.write(begun, "l.csv")
        let same = try LossRecorder(path: path, header: header(), resuming: true)
        #expect(same.earlierHeader?.baseline.loss == 0.5)
    }

    @Test(
        "a table of losses that is another's is never taken for one that was cut off",
        arguments: [
            "# kind: loss\nlayer,format,impact\na,Q4_0,1\n", "# kind: loss\nlayer,Q4_0\na,0.5\n",
            "# kind: loss\n# own\r\nlayer,Q4_0\r\na,0.5\r\n",
            "# kind: loss\nlayer,format,loss,standardError\na,Q4_0,,\n",
            "# kind: loss\nlayer,format,loss,standardError\na,Q4_0,,\r\n",
        ]
    )
    func foreignTable(text: String) throws {
        try folder.write(text, "l.csv")
        #expect(throws: CalibrationError.exists(path: folder.path("l.csv"))) {
            try LossRecorder(path: folder.path("l.csv"), header: header(), resuming: false)
        }
        #expect(throws: CalibrationError.self) {
            try LossRecorder(path: folder.path("l.csv"), header: header(), resuming: true)
        }
        #expect(try folder.text("l.csv") == text)
    }

    @Test("a new file is made only when there is something to write")
    func isLazy() throws {
        _ = try LossRecorder(path: folder.path("l.csv"), header: header(), resuming: false)
        #expect(!folder.exists("l.csv"))
    }

    @Test("the standard error of the model as it is goes on with the file")
    func baselineError() throws {
        let own = CalibrationBaseline(loss: 6.25, standardError: 0.5)
        do {
            let recorder = try LossRecorder(path: folder.path("b.csv"), header: header(), resuming: false)
            try recorder.begin(header().with(chunks: nil, baseline: own))
        }
        let again = try LossRecorder(path: folder.path("b.csv"), header: header(), resuming: true)
        #expect(again.earlierHeader?.baseline == own)
    }
}
