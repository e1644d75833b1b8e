import Foundation
import TestSupport
import Testing

@Suite("Inputs and names")
struct InputTests {
    /// Runs a script in which `$plan` is the program.
    private func shell(_ script: String, in folder: URL) throws -> ProgramRun {
        try ProgramRun.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", script],
            in: folder,
            ["plan": ProgramRun.productsFolder.appendingPathComponent("plan").path]
        )
    }

    private static let costs = "format,cost\\nBF16,1\\nQ8_0,1\\nQ5_1,1\\nQ4_1,1\\nfloat8_e4m3fn,1\\n"

    @Test(
        "what comes through a pipe or standard input is read once, and does what the file does",
        arguments: [
            "printf '\(costs)' > c; mkfifo p; cat c > p & \"$plan\" --budget 9GB --slowdown 2 --costs p -o r.json",
            "printf '\(costs)' | \"$plan\" --budget 9GB --slowdown 2 --costs - -o r.json",
            "\"$plan\" --budget 9GB -o a.json && mkfifo p && (cat a.json > p & \"$plan\" --budget 12GB --nested-in p -o r.json)",
            "printf 'layer,Q4_1\\na,1\\n' | \"$plan\" impacts - -o r.json",
            "printf '[[\"a\", 0.1]]' | \"$plan\" impacts - --low-format Q4_0 --high-format Q8_0 -o r.json",
            "printf '{\"model\": \"m\", \"tensors\": [{\"name\": \"a\", \"shape\": [32, 32]}]}' | \"$plan\" inspect -",
            "printf '{\"name\": \"g\", \"rules\": [{\"match\": \"*\", \"layer\": \"{0}\"}]}' > g; mkfifo p; cat g > p & "
                + "printf '{\"model\": \"m\", \"tensors\": [{\"name\": \"a\", \"shape\": [32, 32]}]}' > m.json; "
                + "\"$plan\" inspect m.json --layers --grouping p",
        ]
    )
    func pipes(script: String) throws {
        let folder = try ScratchFolder()
        let run = try shell(script, in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
    }

    @Test(
        "a missing file and a folder have the same words and the same code, whatever names them",
        arguments: [
            ["impacts", "FILE"], ["--budget", "9GB", "--impacts", "FILE"],
            ["--budget", "9GB", "--slowdown", "2", "--costs", "FILE"],
            ["additivity", "FILE"], ["measure", "FILE", "-o", "m.json"],
        ]
    )
    func noInput(arguments: [String]) throws {
        let folder = try ScratchFolder()
        func refusal(_ name: String) throws -> ProgramRun {
            try ProgramRun.plan(arguments.map { $0 == "FILE" ? name : $0 }, in: folder.url)
        }
        let missing = try refusal("missing")
        #expect(missing.exitCode == 66)
        #expect(missing.errors == "plan: there is no file \"missing\"; check its path\n")
        let directory = try refusal(".")
        #expect(directory.exitCode == 66)
        #expect(directory.errors == "plan: \".\" is a folder; name a file\n")
    }

    /// A name that sets a terminal's title, in one that is no UTF-8, and the marks that turn a line around.
    private static let hostile = "a\u{1B}]0;owned\u{7}\u{9B}31m\u{202E}"

    @Test("a name that would act on a terminal is shown by its escapes in every sentence, table and page")
    func hostileNames() throws {
        let folder = try ScratchFolder()
        let name = Self.hostile
        let json = name.unicodeScalars.map { String(format: "\\u%04x", $0.value) }.joined()
        try folder.write(
            #"{"model": "\#(json)", "tensors": [{"name": "\#(json).weight", "shape": [64, 64], "type": "F16"}]}"#,
            "m.json"
        )
        try folder.write("layer,Q4_1,Q8_0\na,1,0.5\n", name + ".csv")
        let commands: [[String]] = [
            ["inspect", "m.json"], ["inspect", "m.json", "--layers"],
            ["inspect", "m.json", "--format", "json"],
            ["inspect", "m.json", "--format", "markdown"], ["inspect", name], ["impacts", name + ".csv"],
            ["impacts", name],
            ["--budget", "9GB", "--model", "m.json", "--impacts", name + ".csv"], ["--budget", name],
            ["--budget", "9GB", "--pin", name + "=Q4_1"], ["--budget", "9GB", "--formats", name], [name],
            ["--" + name],
            ["check", name], ["diff", name, name], ["export", name, "--converter", name],
            ["explain", name, "--budget", "9GB"],
            ["estimate", name], ["measure", name, "-o", "x"], ["additivity", name],
            ["--budget", "9GB", "-o", name + "/x.json"], ["--budget", "9GB", "-o", name + ".json"],
        ]
        for arguments in commands {
            let run = try ProgramRun.plan(arguments, in: folder.url)
            let shown = run.output + run.errors
            #expect(!shown.isEmpty)
            for scalar in ["\u{1B}", "\u{7}", "\u{9B}", "\u{202E}"] as [Unicode.Scalar] {
                #expect(!shown.unicodeScalars.contains(scalar), "\(arguments): \(shown.debugDescription)")
            }
        }
    }

    @Test("a file whose name is no UTF-8 is read and written by its own bytes")
    func rawNames() throws {
        let folder = try ScratchFolder()
        let script = """
            name=$(printf 'a\\377b'); printf 'layer,Q4_1\\na,1.5\\n' > "$name.csv" &&
            "$plan" impacts "$name.csv" -o "$name.out" && tail -n 2 "$name.out" | cmp - "$name.csv"
            """
        let run = try shell(script, in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("a\\xffb"))
    }

    @Test("standard output that does not block is waited for")
    func nonBlockingOutput() throws {
        let folder = try ScratchFolder()
        let script = """
            python3 -c '
            import os, subprocess, time
            reader, writer = os.pipe()
            os.set_blocking(writer, False)
            program = subprocess.Popen([os.environ["plan"], "--budget", "9GB", "-o", "-"], stdout=writer)
            os.close(writer)
            time.sleep(1)
            size = 0
            while part := os.read(reader, 4096): size += len(part)
            assert program.wait() == 0 and size > 66000, (program.returncode, size)
            '
            """
        let run = try shell(script, in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
    }

    @Test("98 MB of commas, on one line or on many, are refused within 300 MB of memory")
    func commas() throws {
        let folder = try ScratchFolder()
        let script = """
            python3 -c '
            import os, resource, subprocess
            for row in (b",", b",,\\n"):
                with open("c.csv", "wb") as file:
                    file.write(b"layer,Q8_0,Q4_0\\n" + row * (98_000_000 // len(row)))
                assert subprocess.run([os.environ["plan"], "impacts", "c.csv"]).returncode == 65
                peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
                assert peak < 300_000, peak
            '
            """
        let run = try shell(script, in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
    }
}
