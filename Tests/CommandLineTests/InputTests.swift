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
            "printf 'layer,Q4_1\\na,1\\n' | \"$plan\" impacts - -o r.csv",
            "printf '[[\"a\", 0.1]]' | \"$plan\" impacts - --low-format Q4_0 --high-format Q8_0 -o r.csv",
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

    /// Every way in which a command gets a file, with what the command calls it then.
    private static let ways = ["FILE", "- < FILE", "cat FILE | -", "<(cat FILE)"]

    /// Writes a model of weights as `m.gguf`, and gradients of its layers.
    private func writeModel(gradients file: String, in folder: ScratchFolder) throws {
        try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
        var gradients = GradientsBytes()
        for part in ["attn_q", "attn_v", "ffn_down"] {
            for block in 0..<2 {
                let ones = [Float](repeating: 1, count: 256)
                gradients.add("blk.\(block).\(part).weight", rows: ones, columns: ones)
            }
        }
        try folder.write(gradients.bytes, file)
    }

    @Test(
        "a finished file, a recipe, a matrix and losses are read alike from a file, standard input and a pipe"
    )
    func everyWay() throws {
        let folder = try ScratchFolder()
        // Their columns are an importance matrix.
        try writeModel(gradients: "i.gguf", in: folder)
        for command in [
            "estimate m.gguf --imatrix i.gguf --formats Q4_0,Q8_0 -o i.csv",
            "--budget 60% --model m.gguf --impacts i.csv -o r.json",
            "--budget 60% --model m.gguf --impacts i.csv --combine max -o s.json",
            "--budget 80% --model m.gguf --impacts i.csv -o u.json",
            "quantize m.gguf --recipe r.json --imatrix i.gguf -o q.gguf",
        ] {
            let run = try folder.plan(command)
            #expect(run.exitCode == 0, "\(command): \(run.errors)")
        }
        try folder.write("recipe,loss\nr.json,1\ns.json,2\nu.json,3\n", "a.csv")
        let table = "--model m.gguf --impacts i.csv"
        for (command, file) in [
            ("score FILE \(table)", "q.gguf"), ("score FILE \(table)", "r.json"),
            ("compare \(table) --budgets 60% --with FILE", "q.gguf"),
            ("compare \(table) --budgets 60% --with FILE", "r.json"),
            ("check FILE q.gguf --model m.gguf", "r.json"), ("check r.json FILE --model m.gguf", "q.gguf"),
            ("--budget 60% \(table) --imatrix FILE", "i.gguf"),
            ("estimate m.gguf --imatrix FILE --formats Q4_0 --rows 10% -o -", "i.gguf"),
            ("estimate m.gguf --gradients FILE --formats Q4_0 --rows 10% -o -", "i.gguf"),
            ("quantize m.gguf --recipe r.json --imatrix FILE --dry-run -o t.gguf", "i.gguf"),
            ("estimate FILE --formats Q4_0 --rows 10% -o -", "m.gguf"), ("inspect FILE", "m.gguf"),
            ("additivity FILE --power 1", "a.csv"),
        ] {
            for way in Self.ways {
                let words = command.replacing(
                    "FILE",
                    with: way.hasPrefix("<") ? way : way == "FILE" ? way : "-"
                )
                let script =
                    (way.hasPrefix("cat") ? "cat FILE | \"$plan\" " : "\"$plan\" ") + words
                    + (way.hasPrefix("-") ? " < FILE" : "")
                try folder.write(script.replacing("FILE", with: file) + "\n", "script.bash")
                let run = try shell("rm -f *-errors.jsonl; bash script.bash", in: folder.url)
                #expect(run.exitCode == 0, "\(script) \(file): \(run.errors)")
                #expect(!run.errors.contains("pipe or a device"), "\(script) \(file): \(run.errors)")
            }
        }
    }

    @Test(
        "standard input cannot be two files of one command",
        arguments: [
            "diff - -", "diff -- - -", "check - /dev/stdin", "score - - -",
            "--budget 9GB --model - --impacts=-",
            "frontier --with - --with -", "compare --budgets 9GB --with - --impacts -",
            "report --with - --with -",
        ]
    )
    func namedTwice(command: String) throws {
        let folder = try ScratchFolder()
        let run = try shell("echo {} | \"$plan\" \(command)", in: folder.url)
        #expect(run.exitCode == 64)
        let count = command == "score - - -" ? "3 times" : "twice"
        #expect(
            run.errors == "plan: standard input is named \(count), and can be one file; name the others\n"
        )
    }

    @Test("standard input may be one file while standard output is another")
    func inputAndOutput() throws {
        let folder = try ScratchFolder()
        #expect(try folder.plan("--budget 9GB -o r.json").exitCode == 0)
        let run = try shell("\"$plan\" --budget 9GB --nested-in - -o - < r.json > s.json", in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(folder.exists("s.json"))
    }

    @Test(
        "a recipe that names a pipe is checked without waiting for it",
        arguments: ["--nested-in", "--grouping", "--imatrix", "--costs"]
    )
    func recordedPipe(option: String) throws {
        let more = option == "--costs" ? #", "--slowdown", "1.5""# : ""
        let folder = try ScratchFolder()
        #expect(try folder.plan("--budget 9GB -o r.json").exitCode == 0)
        let script = """
            mkfifo hang
            sed 's/"--budget", "9GB"/"--budget", "9GB", "\(option)", "hang"\(more)/' r.json > s.json
            grep -q hang s.json && timeout 20 "$plan" check s.json
            """
        let run = try shell(script, in: folder.url)
        #expect(run.exitCode == (option == "--grouping" ? 65 : 0), "\(run)")
        #expect((run.output + run.errors).contains("through standard input or a pipe"), "\(run)")
    }

    @Test("a pipe that is longer than what is kept of one is refused by one sentence, whoever asks twice")
    func longPipe() throws {
        let folder = try ScratchFolder()
        for command in [
            "score - --model m.gguf --impacts i.csv", "inspect -", "check - q.gguf",
            "estimate m.gguf --imatrix -",
        ] {
            try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
            try folder.write("layer,Q8_0\ntoken_embd.weight,1\n", "i.csv")
            let run = try shell(
                "(printf GGUF; head -c 100000000 /dev/zero) | \"$plan\" \(command)",
                in: folder.url
            )
            #expect(run.exitCode == 65, "\(command): \(run)")
            #expect(
                run.errors.contains("plan: standard input is a pipe with more than 100000000 bytes"),
                "\(command): \(run.errors)"
            )
        }
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

    @Test("a name that would act on a terminal is shown by its escapes in every sentence and table")
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
            // Where the name is shown, so is what stands for its control characters.
            #expect(
                shown.matches(of: /owned/).count == shown.matches(of: /(\\u\{1b\}|\\u001b)\]0;owned/).count,
                "\(arguments): \(shown.debugDescription)"
            )
        }
    }

    @Test("a layer whose name turns a line around is shown by its escapes in all that is said of a plan")
    func turnedNames() throws {
        let folder = try ScratchFolder()
        let name = "a\u{202E}owned.weight"
        try folder.write(
            #"{"model": "m", "tensors": [{"name": "a\u202eowned.weight", "shape": [64, 64], "type": "F16"}]}"#,
            "m.json"
        )
        try folder.write("# kind: loss\nlayer,Q4_1,Q8_0\n\(name),1,0.5\n", "i.csv")
        let input = ["--model", "m.json", "--impacts", "i.csv"]
        let commands: [(arguments: [String], shows: Bool)] = [
            (["--budget", "90%", "-o", "r.json"], false), (["explain", name, "--budget", "90%"], true),
            (["explain", "--budget", "90%"], true), (["compare", "--budgets", "70%,90%"], false),
            (["frontier"], false), (["check", "r.json"], false),
            (["--budget", "30%", "--pin", "a*=Q8_0", "-o", "s.json"], false),
        ]
        for (arguments, shows) in commands {
            let run = try ProgramRun.plan(arguments + input, in: folder.url)
            let shown = run.output + run.errors
            #expect(!shown.unicodeScalars.contains("\u{202E}"), "\(arguments): \(shown.debugDescription)")
            let named = shown.matches(of: /owned/).count
            #expect(named == shown.matches(of: /(\\u\{202e\}|\\u202e)owned/).count, "\(arguments): \(shown)")
            if shows { #expect(named > 0, "\(arguments): \(shown)") }
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

    @Test(
        "98 MB of what keeps cells and lines apart are refused within 300 MB of memory, whatever reads them",
        arguments: [
            ("layer,Q8_0,Q4_0\\n", ",", "impacts FILE", "more than 1000000 cells"),
            ("layer,Q8_0,Q4_0\\n", ",,\\n", "impacts FILE", "more than 2000000 lines"),
            ("", "|", "--budget 9GB --impacts FILE", "more than 1000000 cells"),
            ("|layer|Q8_0|\\n|-|-|\\n", "|", "--budget 9GB --impacts FILE", "more than 1000000 cells"),
            ("|layer|Q8_0|\\n|-|-|\\n", "||\\n", "--budget 9GB --impacts FILE", "more than 2000000 lines"),
            ("", "\\n", "estimate m.gguf --losses FILE", "more than 2000000 lines"),
            ("layer,format,loss\\n", ",,\\n", "estimate m.gguf --losses FILE", "more than 2000000 lines"),
            ("layer,format,loss\\n", ",", "estimate m.gguf --losses FILE", "more than 1000000 cells"),
            ("recipe,loss\\n", ",\\n", "additivity FILE", "more than 2000000 lines"),
            ("format,cost\\n", ",", "--budget 9GB --slowdown 2 --costs FILE", "more than 1000000 cells"),
            ("", "\\n", "estimate m.gguf --merge FILE", "line 1"),
        ]
    )
    func separators(beginning: String, unit: String, command: String, sentence: String) throws {
        let folder = try ScratchFolder()
        try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
        let script = """
            python3 -c '
            import os, resource, subprocess, sys
            beginning, unit, command, sentence = sys.argv[1:]
            beginning, unit = (text.replace("\\\\n", "\\n").encode() for text in (beginning, unit))
            with open("file", "wb") as file:
                file.write(beginning + unit * (98_000_000 // len(unit)))
            words = [{"FILE": "file"}.get(word, word) for word in command.split()]
            run = subprocess.run([os.environ["plan"]] + words, capture_output=True, text=True)
            assert run.returncode == 65 and sentence in run.stderr, run
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            assert peak < 300_000, peak
            ' '\(beginning)' '\(unit)' '\(command)' '\(sentence)'
            """
        let run = try shell(script, in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
    }

    #if os(Linux)
        @Test(
            "a recipe and a table that several parts of a command ask for are opened once",
            arguments: [
                ("r.json", "--budget 9GB --nested-in FILE -o s.json"),
                ("i.csv", "quantize m.gguf --impacts FILE --gradients g.gguf --budget 60% -o q.gguf"),
            ]
        )
        func openedOnce(file: String, command: String) throws {
            let folder = try ScratchFolder()
            try writeModel(gradients: "g.gguf", in: folder)
            #expect(try folder.plan("--budget 8GB -o r.json").exitCode == 0)
            let estimated = try folder.plan("estimate m.gguf --gradients g.gguf --formats Q4_0,Q8_0 -o i.csv")
            #expect(estimated.exitCode == 0, "\(estimated)")
            let script = """
                python3 -c '
                import ctypes, os, struct, subprocess, sys
                path, command = sys.argv[1:]
                library = ctypes.CDLL(None)
                # inotify(7): opening is 0x20 and closing 0x10, in turn, so that no two events are made one.
                watch = library.inotify_init1(os.O_NONBLOCK)
                assert library.inotify_add_watch(watch, path.encode(), 0x30) > 0
                run = subprocess.run([os.environ["plan"]] + [{"FILE": path}.get(word, word) for word in command.split()])
                assert run.returncode == 0, run
                events = [mask for _, mask, _, _ in struct.iter_unpack("iIII", os.read(watch, 1 << 16))]
                assert events.count(0x20) == 1, events
                ' '\(file)' '\(command)'
                """
            let run = try shell(script, in: folder.url)
            #expect(run.exitCode == 0, "\(run.errors)")
        }
    #endif

    @Test("a tensor whose name no table can have is named, not a table that nobody wrote")
    func unusableLayer() throws {
        let folder = try ScratchFolder()
        let header = #"{"a\u001b.weight":{"dtype":"F32","shape":[32,32],"data_offsets":[0,4096]}}"#
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
        try folder.write(length + Array(header.utf8) + [UInt8](repeating: 0, count: 4096), "m.safetensors")
        let run = try folder.plan("estimate m.safetensors --formats Q4_0,Q8_0")
        #expect(run.exitCode == 65, "\(run)")
        #expect(
            run.errors.contains("the model's layers make no table: \"a\\u{1b}.weight\" cannot be a name"),
            "\(run)"
        )
        #expect(!run.errors.contains("check"), "\(run)")
    }

    @Test("rows of more cells than any table has are refused before all of them are kept")
    func cellsInAll() throws {
        let folder = try ScratchFolder()
        for (beginning, row) in [
            ("layer,Q8_0\n", "a" + String(repeating: ",", count: 99)),
            ("|layer|Q8_0|\n|-|-|\n", "|a|" + String(repeating: "|", count: 99)),
        ] {
            let text = beginning + String(repeating: row + "\n", count: 130_000)
            try folder.write(text, "t")
            let run = try ProgramRun.plan(["impacts", "t"], in: folder.url)
            #expect(run.exitCode == 65, "\(run)")
            #expect(run.errors.contains("more than 12000000 cells; check that the file is a table"), "\(run)")
        }
    }

    @Test("a file in the place of another is named as what it is")
    func exchangedFiles() throws {
        let folder = try ScratchFolder()
        try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv").exitCode == 0)
        #expect(try folder.plan("--budget 40% --model m.gguf --impacts i.csv -o r.json").exitCode == 0)
        try FileManager.default.createDirectory(
            at: folder.url.appendingPathComponent("empty"),
            withIntermediateDirectories: true
        )
        for (words, code, sentence) in [
            (
                "check m.gguf r.json", 64,
                "give the recipe first, and then the file, such as plan check r.json m.gguf"
            ),
            ("check m.gguf", 64, "is a model; give the recipe first"),
            ("check empty", 66, "is a folder; name a file"),
            ("quantize m.gguf --recipe m.gguf -o q.gguf", 65, "is a model, not a recipe"),
            ("quantize m.gguf --recipe i.csv -o q.gguf", 65, "is an impact table, not a recipe"),
            (
                "quantize m.gguf --budget 40% --impacts m.gguf -o q.gguf", 65,
                "is a model, not an impact table"
            ),
            ("--budget 40% --model m.gguf --impacts r.json", 65, "is a recipe, not an impact table"),
            ("impacts r.json", 65, "is a recipe, not an impact table"),
            ("inspect r.json", 65, "is a recipe, not a model"),
            ("inspect i.csv", 65, "is an impact table, not a model"),
            ("--budget 40% --model r.json --impacts i.csv", 65, "is a recipe, not a model"),
            ("check r.json", 64, "name its file with --model"),
        ] as [(String, Int32, String)] {
            let run = try folder.plan(words)
            #expect(
                run.exitCode == code && run.errors.contains(sentence),
                "\(words): \(run.exitCode) \(run.errors)"
            )
        }
    }

    @Test(
        "what was most likely meant is said to whoever mistypes a command, a size or a name",
        arguments: [
            ("quantise m.gguf --budget 50% -o z.gguf", "no command \"quantise\"; did you mean quantize?"),
            ("qantize m.gguf", "did you mean quantize?"), ("frontire", "did you mean frontier?"),
            ("help calibrat", "did you mean calibrate?"), ("help foo", "no command \"foo\"; plan help lists"),
            ("9GB", "a budget is given as plan --budget 9GB"), ("--budget 9 GB", "write 9GB"),
            ("--card 12 GiB", "write 12GiB"), ("--budget 9", "such as 9GB or 9%"),
            ("compare --budgets 8,9GB", "such as 8GB or 8%"), ("explain --budget 40", "such as 40GB or 40%"),
            ("report --budget 40", "such as 40GB or 40%"),
            ("--budget -9GB", "--budget takes nothing below zero"),
            ("--max-impact -1", "--max-impact takes nothing below zero"),
            ("--budget 9GB --formats Q6K", "did you mean Q6_K?"),
            ("--budget 9GB --formats Q4_K_M", "did you mean Q4_K?"),
            ("--budget 9GB --pin layer05.*=Q80", "did you mean Q8_0?"),
        ]
    )
    func mistyped(words: String, sentence: String) throws {
        let run = try ScratchFolder().plan(words)
        #expect(run.exitCode == 64 && run.errors.contains(sentence), "\(run.exitCode) \(run.errors)")
        #expect(!run.errors.contains("Usage:"), "\(run.errors)")
    }

    @Test(
        "letters of names of programs may be of any case, and blanks behind commas are no part of what they divide"
    )
    func lenientWords() throws {
        let folder = try ScratchFolder()
        #expect(try folder.plan("--card 12GB --runtime ComfyUI-GGUF -o r.json").exitCode == 0)
        let run = try ProgramRun.plan(["compare", "--budgets", "8GB, 9GB"], in: folder.url)
        #expect(run.exitCode == 0 && run.output.contains("\n9GB "), "\(run)")
    }
}
