import Foundation
import TestSupport

/// The commands that documents and `--help` show.
enum Examples {
    /// The names of the program's commands, as its help lists them.
    static let commands: [String] = {
        let help = try? ProgramRun.plan(["--help"]).output
        let list = help?.components(separatedBy: "SUBCOMMANDS:\n").last ?? ""
        return list.split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^  ([a-z]+)\s/).map { String($0.1) }
        }
    }()

    /// The examples in a command's help, without the remarks beside them; a line that ends with a backslash goes on in the next, and
    /// one that was wrapped begins elsewhere.
    static func ofHelp(_ help: String) -> [String] {
        guard let start = help.range(of: "EXAMPLES\n")?.upperBound else { return [] }
        let end = help[start...].range(of: "\n\n")?.lowerBound ?? help.endIndex
        return help[start..<end].replacing(#/ \\\n +/#, with: " ").split(separator: "\n")
            .map { line in
                let command = line.hasPrefix("  ") ? line.dropFirst(2) : line
                return String(command.prefix(upTo: command.range(of: "  ")?.lowerBound ?? command.endIndex))
            }
    }

    /// The documents that show commands, as paths in the package.
    static let documents: [String] = {
        let sources = packageRoot.appendingPathComponent("Sources").path
        let files = FileManager.default.enumerator(atPath: sources)?.compactMap { $0 as? String } ?? []
        return ["README.md", "CONTRIBUTING.md"]
            + files.filter { $0.contains(".docc/") && $0.hasSuffix(".md") }.sorted().map { "Sources/\($0)" }
    }()

    /// The text of a document, by lines.
    static func lines(of document: String) -> [Substring] {
        let file = packageRoot.appendingPathComponent(document)
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Every command of the program that a document shows, in a fence or in a line of text.
    static func ofDocument(_ document: String) -> [String] {
        var commands: [String] = []
        var isInFence = false
        for line in lines(of: document) {
            if line.hasPrefix("```") {
                isInFence.toggle()
            } else if isInFence {
                let command = line.hasPrefix("$ ") ? line.dropFirst(2) : line
                commands.append(
                    String(command.prefix(upTo: command.range(of: " #")?.lowerBound ?? command.endIndex))
                )
            } else {
                commands += line.matches(of: /`([^`]+)`/).map { String($0.1) }
            }
        }
        return commands.compactMap { command in
            let own = command.replacing("Scripts/plan ", with: "plan ").replacing(
                "swift run plan ",
                with: "plan "
            )
            return own.hasPrefix("plan ") ? own.trimmingCharacters(in: .whitespaces) : nil
        }
    }
}
