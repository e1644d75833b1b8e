public import Foundation
public import Testing

/// A command line that the program refuses, and how.
public struct BadInput: Sendable, CustomTestStringConvertible {
    /// The command-line arguments.
    public let arguments: [String]
    /// The exit code.
    public let exitCode: Int32
    /// What the sentence on standard error says, among other things.
    public let sentence: String

    /// Creates a command line.
    public init(arguments: [String], exitCode: Int32, sentence: String) {
        self.arguments = arguments
        self.exitCode = exitCode
        self.sentence = sentence
    }

    /// The arguments as they are typed.
    public var testDescription: String { arguments.joined(separator: " ") }

    /// Runs the command line and expects one clear sentence, the exit code, and nothing written.
    ///
    /// - Parameters:
    ///   - folder: The working folder.
    ///   - output: Arguments to add where the command line says nothing of its output.
    ///   - sourceLocation: Where failures are reported.
    /// - Throws: What starting the program throws.
    public func expectRefusal(
        in folder: URL,
        output: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        let run = try ProgramRun.plan(arguments + (arguments.contains("-o") ? [] : output), in: folder)
        #expect(run.exitCode == exitCode, sourceLocation: sourceLocation)
        #expect(run.output.isEmpty, sourceLocation: sourceLocation)
        #expect(run.errors.contains(sentence), "\(run.errors)", sourceLocation: sourceLocation)
        let after = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        #expect(after == before, sourceLocation: sourceLocation)
        // Wrong usage shows how to use the command, too.
        if exitCode != 64 {
            #expect(run.errors.hasPrefix("plan: "), sourceLocation: sourceLocation)
            #expect(run.errors.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
        }
    }
}
