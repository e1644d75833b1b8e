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

    @Test(
        "a command that a document or a help shows ends well, or names the file it misses",
        arguments: shown
    )
    func runs(command: String) throws {
        let folder = try ScratchFolder()
        var filled = Self.filled(command)
        try ExampleFiles.provide(in: folder.url, for: filled)
        // A document that names a command alone does not show how to use it.
        if filled.split(separator: " ").count == 2, Examples.commands.contains(String(filled.dropFirst(5))) {
            filled += " --help"
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let run = try ProgramRun.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", filled],
            in: folder.url,
            ["PATH": "\(ProgramRun.productsFolder.path):\(folder.path("bin")):\(path)"]
        )
        switch run.exitCode {
        case 0: break
        case 66:
            let missing = filled.split(separator: " ").map {
                $0.trimmingCharacters(in: .punctuationCharacters)
            }
            .first { !$0.isEmpty && run.errors.contains("\"\($0)") }
            #expect(missing.map(ExampleFiles.absent.contains) ?? false, "\(filled): \(run.errors)")
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
