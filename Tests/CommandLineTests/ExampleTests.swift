import Foundation
import TestSupport
import Testing

/// Every command that a document or a help shows, run with files of the names it uses where there can be some.
@Suite struct ExampleTests {
    /// What stands for a user's own word in a document.
    private static let placeholders = [
        "[FILE]": "", "RECIPE": "recipe.json", "FILE": "missing.gguf", "NAME": "thireus",
        "MODEL": "flux1-dev",
        "LAYER": "layer05.txt", "A": "dev.json", "B": "schnell.json", "COMMAND": "frontier",
        "CAPTURE...": "capture.safetensors", "LOSSES.csv": "losses.csv", "FILE...": "missing.gguf",
    ]

    private static let shown: [String] = {
        let helps = ([""] + Examples.commands).flatMap { command in
            let words = command.isEmpty ? ["--help"] : [command, "--help"]
            let run = try? ProgramRun.plan(words)
            return Examples.ofHelp(run?.output ?? "")
        }
        return Set(helps + Examples.documents.flatMap(Examples.ofDocument)).sorted()
    }()

    /// A command with its placeholders filled in and without what it is piped into.
    private static func filled(_ shown: String) -> String {
        let own = shown.components(separatedBy: " | ")[0]
        let words = own.split(separator: " ").map { placeholders[String($0)] ?? String($0) }
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private func makeFiles(in folder: ScratchFolder) throws {
        let plans = packageRoot.appendingPathComponent("plans")
        try FileManager.default.copyItem(at: plans, to: folder.url.appendingPathComponent("plans"))
        for (name, source) in [
            ("recipe.json", "9GB"), ("mine.json", "10GB"), ("dev.json", "9GB"), ("schnell.json", "12GB"),
        ] {
            try FileManager.default.copyItem(
                at: plans.appendingPathComponent("flux1-dev-\(source).json"),
                to: folder.url.appendingPathComponent(name)
            )
        }
        let blocks = (0..<57).map { "\($0),\(1 / Double($0 + 2)),\(0.1 / Double($0 + 3))\n" }.joined()
        let files = [
            "m.json":
                #"{"model": "m", "tensors": [{"name": "a", "shape": [64, 256]}, {"name": "b", "shape": [64, 256]}]}"#,
            "i.csv": "layer,Q4_0,Q8_0\na,0.5,0.1\nb,0.7,0.2\n",
            "table.csv": "# kind: unknown\nlayer,Q4_0,Q8_0\na,0.5,0.1\nb,0.7,0.2\n",
            "costs.csv": "format,cost\nBF16,1\nQ8_0,1.1\nfloat8_e4m3fn,1\nQ5_1,1.4\nQ4_1,1.3\n",
            "blocks.csv": "layer,Q4_1,Q8_0\n" + blocks,
        ]
        for (name, text) in files {
            try folder.write(text, name)
        }
    }

    @Test(
        "a command that a document or a help shows does what it says, or names the file it misses",
        arguments: shown
    )
    func runs(command: String) throws {
        let folder = try ScratchFolder()
        try makeFiles(in: folder)
        var filled = Self.filled(command)
        // A document that names a command alone does not show how to use it.
        if filled.split(separator: " ").count == 2, Examples.commands.contains(String(filled.dropFirst(5))) {
            filled += " --help"
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let run = try ProgramRun.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", filled],
            in: folder.url,
            ["PATH": ProgramRun.productsFolder.path + ":" + path]
        )
        switch run.exitCode {
        case 0: break
        case 66:
            // Models, captures and tables of others are not part of the package.
            let words = filled.split(separator: " ").dropFirst().map {
                $0.trimmingCharacters(in: .punctuationCharacters)
            }
            let isNamed = words.contains { !$0.isEmpty && run.errors.contains("\"\($0)") }
            #expect(isNamed, "\(filled): \(run.errors)")
        case 2:
            // The one that asks for too small a file, to be told what forces it.
            #expect(command.hasPrefix("plan explain --budget 6GB"))
            #expect(run.output.contains("Forces the size"))
        default: Issue.record("\(filled) ended with \(run.exitCode): \(run.errors)")
        }
    }

    @Test("every script that a document names is there and can be run")
    func namesScripts() {
        for document in Examples.documents {
            for line in Examples.lines(of: document) {
                for match in line.matches(of: /Scripts\/[a-z-]+/) {
                    let file = packageRoot.appendingPathComponent(String(match.0))
                    #expect(
                        FileManager.default.isExecutableFile(atPath: file.path),
                        "\(document): \(match.0)"
                    )
                }
            }
        }
    }

    @Test("there are many commands to run")
    func findsCommands() {
        #expect(Self.shown.count > 60)
    }
}
