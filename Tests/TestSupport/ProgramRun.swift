public import Foundation

/// One run of the built program, driven as a user drives it.
public struct ProgramRun: Sendable {
    /// The exit code, or −1 where a signal ended the program.
    public let exitCode: Int32
    /// What was written to standard output.
    public let output: String
    /// What was written to standard error.
    public let errors: String

    /// Runs a program that the package builds and waits for its end.
    ///
    /// - Parameters:
    ///   - arguments: The command-line arguments.
    ///   - folder: The working folder, where it matters.
    ///   - environment: Variables to add.
    ///   - whileRunning: Called once the program has started, with its process.
    /// - Returns: What the program wrote and how it ended.
    /// - Throws: What starting a process throws.
    public static func plan(
        _ arguments: [String],
        in folder: URL = FileManager.default.temporaryDirectory,
        environment: [String: String] = [:],
        whileRunning: (Process) throws -> Void = { _ in }
    ) throws -> ProgramRun {
        try run(
            productsFolder.appendingPathComponent("plan"),
            arguments,
            in: folder,
            environment,
            whileRunning
        )
    }

    /// Runs any program and waits for its end.
    public static func run(
        _ program: URL,
        _ arguments: [String],
        in folder: URL,
        _ environment: [String: String] = [:],
        _ whileRunning: (Process) throws -> Void = { _ in }
    ) throws -> ProgramRun {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        // So wide that no sentence is broken.
        process.environment = ProcessInfo.processInfo.environment.merging(["COLUMNS": "400"]) { $1 }
            .merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        // Files rather than pipes: a pipe that nobody drains stops a program that writes much.
        let scratch = try ScratchFolder()
        let files = ["output", "errors"].map { scratch.url.appendingPathComponent($0) }
        for file in files {
            try Data().write(to: file)
        }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try process.run()
        try whileRunning(process)
        process.waitUntilExit()
        return ProgramRun(
            exitCode: process.terminationReason == .exit ? process.terminationStatus : -1,
            output: String(decoding: try scratch.bytes("output"), as: UTF8.self),
            errors: String(decoding: try scratch.bytes("errors"), as: UTF8.self)
        )
    }

    /// The folder with the program that is tested: the one that PLAN_PROGRAM_FOLDER names, such as that of a release
    /// build, which plans several times as fast, else the one with the test bundle in it.
    public static var productsFolder: URL {
        if let folder = ProcessInfo.processInfo.environment["PLAN_PROGRAM_FOLDER"] {
            return URL(fileURLWithPath: folder)
        }
        #if os(macOS)
            for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
                return bundle.bundleURL.deletingLastPathComponent()
            }
        #endif
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    }
}

/// The root of the package.
public let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
