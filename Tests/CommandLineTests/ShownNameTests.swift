import Foundation
import TestSupport
import Testing

/// What reaches a terminal of names, and what of them stands in data.
@Suite struct ShownNameTests {
    private func shell(_ script: String, in folder: ScratchFolder) throws -> ProgramRun {
        try ProgramRun.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", script],
            in: folder.url,
            ["plan": ProgramRun.productsFolder.appendingPathComponent("plan").path]
        )
    }

    private static func escaped(_ name: String) -> String {
        name.unicodeScalars.map { String(format: "\\u%04x", $0.value) }.joined()
    }

    @Test(
        "a name that begins as a page or as JSON does, or that chooses colours, is shown by its escapes",
        arguments: ["<a\u{1B}]0;owned\u{7}", "m\u{1B}[8mhidden\u{1B}[41m", "{c\u{1B}[31m", "[d\u{1B}[1m"]
    )
    func guessesNothing(name: String) throws {
        let folder = try ScratchFolder()
        let json = Self.escaped(name)
        try folder.write(
            #"{"model": "\#(json)", "tensors": [{"name": "\#(json).weight", "shape": [64, 64], "type": "F16"}]}"#,
            "m.json"
        )
        for words in [
            "inspect m.json", "inspect m.json --layers", "inspect m.json --format csv",
            "inspect m.json --format markdown", "inspect m.json --format json",
        ] {
            let run = try folder.plan(words)
            #expect(run.exitCode == 0)
            #expect(!run.output.unicodeScalars.contains("\u{1B}"), "\(words): \(run.output.debugDescription)")
            let shown = try TerminalRun.plan(words.split(separator: " ").map(String.init), in: folder.url)
            #expect(!shown.output.unicodeScalars.contains("\u{1B}"), "\(words)")
        }
    }

    @Test("a tensor's name does not act on the terminal in the line that says what is measured")
    func statusLine() throws {
        let folder = try ScratchFolder()
        let name = Self.escaped("a\u{1B}]0;owned\u{7}.weight")
        let header = Array(
            #"{"\#(name)": {"dtype": "F16", "shape": [32, 64], "data_offsets": [0, 4096]}}"#.utf8
        )
        let count = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        // Weights from 1 up that no cast leaves as they are.
        let weights = (0..<4_096).map { $0 % 2 == 1 ? 60 : UInt8($0 * 7 & 0xFF) }
        try folder.write(count + header + weights, "h.safetensors")
        let run = try TerminalRun.plan(
            [
                "calibrate", "h.safetensors", "--run", "cksum < {} | sed 's/^/loss /'", "--loss",
                "loss ([0-9]+)",
                "--unit",
                "x",
            ],
            in: folder.url
        )
        #expect(run.exitCode == 0, "\(run.output.debugDescription)")
        #expect(run.output.contains(#"a\u{1b}]0;owned\u{7}"#), "\(run.output.debugDescription)")
        #expect(!run.output.contains("\u{1B}]") && !run.output.contains("\u{7}"))
    }

    @Test("what goes to standard output in place of a file is what the file has")
    func sameBytes() throws {
        let folder = try ScratchFolder()
        try folder.write(
            #"{"model": "m", "tensors": [{"name": "a\u200bb.weight", "shape": [64, 64], "type": "F16"}]}"#,
            "m.json"
        )
        try folder.write("# kind: loss\nlayer,Q4_0,Q8_0\na\u{200B}b.weight,1,0.5\n", "z.csv")
        let run = try shell(
            """
            set -e; in='--model m.json --impacts z.csv'
            "$plan" impacts z.csv -o - > s.csv; "$plan" impacts z.csv -o f.csv > out.txt; cmp s.csv f.csv
            "$plan" --budget 90% $in -o - > s.json; "$plan" --budget 90% $in -o f.json > out.txt
            cmp s.json f.json
            for format in csv json svg; do
                "$plan" frontier $in --format $format -o - > s.out
                "$plan" frontier $in --format $format -o c.$format > out.txt; cmp s.out c.$format
            done
            "$plan" report $in -o - > s.html; "$plan" report $in -o f.html > out.txt; cmp s.html f.html
            """,
            in: folder
        )
        #expect(run.exitCode == 0, "\(run.output)\(run.errors)")
        // On a terminal nothing of it acts.
        let shown = try TerminalRun.plan(["impacts", "z.csv", "-o", "-"], in: folder.url)
        #expect(shown.output.contains(#"a\u{200b}b.weight"#))
    }

    @Test(
        "standard output that cannot be written ends every command in one way",
        arguments: ["formats", "converters", "schema", "--help", "--version", "inspect flux1-dev"]
    )
    func fullDisk(words: String) throws {
        let run = try shell(#""$plan" \#(words) > /dev/full"#, in: ScratchFolder())
        #expect(run.exitCode == 73)
        #expect(run.errors.hasPrefix("plan: standard output cannot be written"), "\(run.errors)")
    }
}
