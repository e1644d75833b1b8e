import Foundation
import IntegerProgramming
import TestSupport
import Testing

/// What the README and the articles show, run and compared.
@Suite struct DocumentationTests {
    /// One command of a document and what the document says it prints.
    struct Example: CustomTestStringConvertible, Sendable {
        var document: String
        var command: String
        var output: String

        var testDescription: String { "\(document): \(command)" }
    }

    private static let examples: [Example] = Examples.documents.flatMap { document -> [Example] in
        var examples: [Example] = []
        var isInside = false
        for line in Examples.lines(of: document) {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                examples.append(
                    Example(document: document, command: String(line.dropFirst(2)), output: "")
                )
            } else if isInside, !examples.isEmpty {
                examples[examples.count - 1].output += line + "\n"
            }
        }
        return examples
    }

    @Test(
        "a command that a document shows prints what the document says",
        .enabled(if: IntegerProgram.hasSolver, "without GLPK the outputs name another solver"),
        arguments: examples
    )
    func printsWhatIsShown(example: Example) throws {
        let scratch = try ScratchFolder()
        try FileManager.default.copyItem(
            at: packageRoot.appendingPathComponent("plans"),
            to: scratch.url.appendingPathComponent("plans")
        )
        try FileManager.default.createSymbolicLink(
            at: scratch.url.appendingPathComponent("Examples"),
            withDestinationURL: packageRoot.appendingPathComponent("Examples")
        )
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let run = try ProgramRun.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", example.command.replacing("Scripts/plan ", with: "plan ")],
            in: scratch.url,
            // The documents show a terminal of 100 columns.
            ["PATH": ProgramRun.productsFolder.path + ":" + path, "COLUMNS": "100"]
        )
        #expect(run.output == example.output)
        #expect(run.exitCode == 0)
    }

    @Test("there are examples in the README and in every article that promises some")
    func findsExamples() {
        #expect(Set(Self.examples.map(\.document)).count >= 6)
    }
}
