public import Foundation

/// A new folder for one test, with what the test puts there; it goes with all that is in it when nothing refers to it
/// any more, such as when the suite or the function that holds it ends.
public final class ScratchFolder: Sendable {
    /// Where it is.
    public let url: URL

    /// Makes the folder.
    ///
    /// - Throws: What making a folder throws.
    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("plan-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of something in the folder.
    public func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Writes a file and gives its path.
    @discardableResult
    public func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: url.appendingPathComponent(name))
        return path(name)
    }

    /// Writes a text and gives its path.
    @discardableResult
    public func write(_ text: String, _ name: String) throws -> String {
        try write(Array(text.utf8), name)
    }

    /// Writes a program for the shell and gives its path.
    public func script(_ text: String, _ name: String = "run.sh") throws -> String {
        let path = try write("#!/bin/sh\n\(text)\n", name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    /// What is in a file.
    public func data(_ name: String) throws -> Data {
        try Data(contentsOf: url.appendingPathComponent(name))
    }

    /// What is in a file.
    public func bytes(_ name: String) throws -> [UInt8] { Array(try data(name)) }

    /// What is in a file.
    public func text(_ name: String) throws -> String {
        try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
    }

    /// Whether there is something of that name in the folder.
    public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// The names in it, or in a folder in it, in order.
    public func names(_ name: String = ".") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(name)).sorted()
    }

    /// Runs the program in the folder, with words that spaces keep apart.
    public func plan(_ words: String...) throws -> ProgramRun {
        try ProgramRun.plan(words.flatMap { $0.split(separator: " ").map(String.init) }, in: url)
    }
}
