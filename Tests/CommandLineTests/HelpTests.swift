import Foundation
import TestSupport
import Testing

/// What `--help` says of every command: options in groups, with examples of them.
@Suite struct HelpTests {
    /// The help of a command in parts.
    private struct Help {
        var examples: [String]
        /// Per heading, the long names of the options under it.
        var options: [String: [String]]
    }

    private func help(_ command: String) throws -> Help {
        let run = try ProgramRun.plan(
            (command.isEmpty ? [] : [command]) + ["--help"]
        )
        #expect(run.exitCode == 0)
        return Help(
            examples: Examples.ofHelp(run.output),
            options: Self.options(run.output)
        )
    }

    private static func options(_ text: String) -> [String: [String]] {
        var group = ""
        var options: [String: [String]] = [:]
        for line in text.split(separator: "\n") {
            if line.hasSuffix(":"), !line.hasPrefix(" ") {
                group = String(line)
            } else if let name = line.firstMatch(of: /^  (?:-\w, )?(--[a-z-]+)/)?.1,
                name != "--help", name != "--version"
            {
                options[group, default: []].append(String(name))
            }
        }
        return options
    }

    private func shows(_ examples: [String], _ option: String) -> Bool {
        examples.contains { example in
            example.split(separator: " ").contains { $0 == option || (option == "--output" && $0 == "-o") }
        }
    }

    @Test(
        "every help is as it was read last, and fits a terminal of 80 columns",
        arguments: [""] + Examples.commands
    )
    func whole(command: String) throws {
        let run = try ProgramRun.plan(
            (command.isEmpty ? [] : [command]) + ["--help"],
            environment: ["COLUMNS": "80"]
        )
        try ExpectedText.expect(
            run.output,
            in: "CommandLineTests/Expected/Help/\(command.isEmpty ? "plan" : command).txt"
        )
        for line in run.output.split(separator: "\n") where line.count > 80 {
            Issue.record("\(line.count) columns: \(line)")
        }
        // A line that is wrapped goes on at the edge, where it looks like another command.
        let examples = run.output.components(separatedBy: "EXAMPLES\n").last?.components(separatedBy: "\n\n")
            .first
        for line in examples?.split(separator: "\n") ?? [] {
            #expect(line.hasPrefix("  "), "\(line)")
        }
    }

    @Test("every command has examples, each on one line", arguments: [""] + Examples.commands)
    func hasExamples(command: String) throws {
        let help = try help(command)
        #expect(!help.examples.isEmpty)
        #expect(help.examples.allSatisfy { $0.hasPrefix("plan") }, "\(help.examples)")
    }

    @Test("every group of a command's options has an example in its help", arguments: Examples.commands)
    func showsEveryGroup(command: String) throws {
        let help = try help(command)
        for (group, options) in help.options {
            #expect(
                options.contains { shows(help.examples, $0) },
                "no example for \(group) \(options)"
            )
        }
    }

    @Test("every option of every command has an example in some help")
    func showsEveryOption() throws {
        let helps = try Examples.commands.map(help)
        let examples = helps.flatMap(\.examples)
        let options = Set(helps.flatMap { $0.options.values.joined() })
        #expect(options.count > 30)
        for option in options.sorted() {
            #expect(shows(examples, option), "no example of \(option)")
        }
    }
}
