import Foundation
import TestSupport
import Testing

@Suite("plan measure")
struct MeasureTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    /// Writes a capture of one layer with one stream.
    private func writeCapture(_ name: String, samples: [Int], model: String = "tiny") throws {
        let count = samples.count
        var tensors: [(String, String, [Int], [UInt64])] = [
            ("samples", "I64", [count], samples.map { UInt64(bitPattern: Int64($0)) })
        ]
        for layer in 0...1 {
            tensors.append(
                ("end_loss.\(layer).x", "F64", [count, 1], samples.map { Double(4 + $0).bitPattern })
            )
            tensors.append(("mean_square.\(layer).x", "F64", [count], samples.map { _ in 16.0.bitPattern }))
        }
        tensors.append(("cast_loss.0.x.Q8_0", "F64", [count], samples.map { _ in 0.25.bitPattern }))
        var offset = 0
        var entries = [
            #""__metadata__":{"plan_capture":"1","model":"\#(model)","layers":"1","join":"0"}"#
        ]
        for (name, type, shape, values) in tensors {
            let end = offset + 8 * values.count
            entries.append(
                #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(offset),\#(end)]}"#
            )
            offset = end
        }
        let header = "{\(entries.joined(separator: ","))}"
        var data = Data()
        for word in [UInt64(header.utf8.count)] + [] {
            withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
        }
        data += Data(header.utf8)
        for word in tensors.flatMap(\.3) {
            withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
        }
        try data.write(to: folder.url.appendingPathComponent(name))
    }

    private func text(_ name: String) throws -> String {
        try folder.text(name)
    }

    @Test("captures become tables that plan with, and that can be gone on with")
    func measures() throws {
        try writeCapture("a.safetensors", samples: [0, 1])
        try writeCapture("b.safetensors", samples: [2])
        let both = try plan(
            "measure",
            "a.safetensors",
            "b.safetensors",
            "-o",
            "both.json",
            "--markdown",
            "m.md"
        )
        #expect(both.exitCode == 0)
        #expect(both.output.contains("tiny: 3 samples in 2 captures, 2 states, 1 format"))
        #expect(try plan("measure", "a.safetensors", "-o", "t.json", "--resume").exitCode == 0)
        let more = try plan("measure", "a.safetensors", "b.safetensors", "-o", "t.json", "--resume")
        #expect(more.exitCode == 0)
        #expect(more.errors.contains("1 of 2 captures was known already"))
        #expect(try text("t.json") == text("both.json"))
        #expect(try plan("measure", "a.safetensors", "b.safetensors", "-o", "-").output == text("t.json"))

        let impacts = try plan("impacts", "t.json")
        #expect(impacts.exitCode == 0)
        #expect(impacts.output.contains("1 layer × 1 format"))
        #expect(try plan("impacts", "m.md", "-o", "-").output == plan("impacts", "t.json", "-o", "-").output)
        // S = 5, R = 16, L = 0.25.
        #expect(try plan("impacts", "t.json", "-o", "-").output.contains("layer00.x,0.625"))
        let csv = try plan("measure", "a.safetensors", "-o", "c.json", "--format", "csv")
        #expect(
            csv.output.hasPrefix(
                "before,stream,sensitivity,spread,meanSquare,relativeSensitivity,samples,draws\n"
            )
        )
    }

    @Test("tables of the same captures are written over, and those of others only where that is asked for")
    func keepsOtherCaptures() throws {
        try writeCapture("a.safetensors", samples: [0, 1])
        try writeCapture("b.safetensors", samples: [2])
        let a = ["measure", "a.safetensors", "-o", "t.json"]
        let both = ["measure", "a.safetensors", "b.safetensors", "-o", "t.json"]
        func run(_ words: [String]) throws -> ProgramRun { try ProgramRun.plan(words, in: folder.url) }
        // The same command again, and the same with more.
        for words in [a, a, both, both] { #expect(try run(words).exitCode == 0) }
        let whole = try text("t.json")
        let refused = try run(a)
        #expect(refused.exitCode == 64 && refused.output.isEmpty)
        #expect(
            refused.errors.contains("t.json has 1 capture that is not named here; add --resume"),
            "\(refused.errors)"
        )
        #expect(try text("t.json") == whole)
        #expect(try run(a + ["--resume"]).exitCode == 0 && text("t.json") == whole)
        #expect(try run(a + ["--force"]).exitCode == 0 && text("t.json") != whole)
    }

    @Test("tables on standard output are JSON, and another form of them is refused")
    func standardOutput() throws {
        try writeCapture("a.safetensors", samples: [0, 1])
        let csv = try plan("measure", "a.safetensors", "-o", "-", "--format", "csv")
        #expect(csv.exitCode == 64 && csv.output.isEmpty && csv.errors.contains("leave --format out"))
        #expect(try plan("measure", "a.safetensors", "-o", "-").output.hasPrefix("{"))
    }

    @Test("what cannot be merged or read is one sentence and an exit code, and nothing is written")
    func refuses() throws {
        try writeCapture("a.safetensors", samples: [0, 1])
        try writeCapture("b.safetensors", samples: [1, 2])
        try writeCapture("c.safetensors", samples: [7], model: "other")
        try folder.write("not a capture", "d.safetensors")
        try folder.write("{}", "old.json")
        for (arguments, code) in [
            (["a.safetensors", "b.safetensors", "-o", "t.json"], 65),
            (["a.safetensors", "c.safetensors", "-o", "t.json"], 65),
            (["d.safetensors", "-o", "t.json"], 65), (["nowhere.safetensors", "-o", "t.json"], 66),
            (["a.safetensors", "-o", "old.json", "--resume"], 65),
            (["a.safetensors", "-o", "no/t.json"], 73),
            (["-o", "t.json"], 64), (["a.safetensors"], 64), (["a.safetensors", "-o", "-", "--resume"], 64),
        ] as [([String], Int32)] {
            let run = try ProgramRun.plan(["measure"] + arguments, in: folder.url)
            #expect(run.exitCode == code)
            #expect(run.output.isEmpty)
            if code != 64 { #expect(run.errors.split(separator: "\n").count == 1) }
        }
        #expect(!folder.exists("t.json"))
    }
}
