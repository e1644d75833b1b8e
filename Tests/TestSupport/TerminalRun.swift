public import Foundation

/// One run of the built program before a terminal, as a person has it.
public struct TerminalRun: Sendable {
    /// The exit code, or −1 where a signal ended the program.
    public let exitCode: Int32
    /// What was written to the terminal, both streams as they came.
    public let output: String

    /// Runs the program and waits for its end.
    ///
    /// - Parameters:
    ///   - arguments: The command-line arguments.
    ///   - folder: The working folder.
    ///   - columns: The terminal's width.
    ///   - text: What is waited for on the terminal.
    ///   - action: Done once that has been shown.
    /// - Returns: What the program wrote and how it ended.
    /// - Throws: What opening a terminal and starting a process throws.
    public static func plan(
        _ arguments: [String],
        in folder: URL,
        columns: Int = 80,
        once text: String = "",
        _ action: (Process) -> Void = { _ in }
    ) throws -> TerminalRun {
        let (own, other) = try terminal()
        defer { close(own) }
        var size = winsize(ws_row: 40, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(own, UInt(TIOCSWINSZ), &size)
        let handle = FileHandle(fileDescriptor: other, closeOnDealloc: false)
        let process = Process()
        process.executableURL = ProgramRun.productsFolder.appendingPathComponent("plan")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["NO_COLOR": "1", "COLUMNS": ""]
        ) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        close(other)
        var bytes: [UInt8] = []
        var isDone = text.isEmpty
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(own, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            // The terminal of a program that has ended cannot be read.
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
            if !isDone, String(decoding: bytes, as: UTF8.self).contains(text) {
                isDone = true
                action(process)
            }
        }
        process.waitUntilExit()
        return TerminalRun(
            exitCode: process.terminationReason == .exit ? process.terminationStatus : -1,
            output: String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n")
        )
    }

    /// The two ends of a new terminal: the one that a person would look at, and the program's.
    private static func terminal() throws -> (own: Int32, other: Int32) {
        let own = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        guard own >= 0 else { throw POSIXError(.ENOTTY) }
        var name = "/dev/pts/"
        #if os(Linux)
            // The C library's functions for this are not declared to Swift: TIOCSPTLCK and TIOCGPTN.
            var (lock, number): (Int32, UInt32) = (0, 0)
            _ = ioctl(own, 0x4004_5431, &lock)
            _ = ioctl(own, 0x8004_5430, &number)
            name += "\(number)"
        #else
            grantpt(own)
            unlockpt(own)
            name = ptsname(own).map { String(cString: $0) } ?? name
        #endif
        let other = open(name, O_RDWR | O_NOCTTY)
        guard other >= 0 else {
            close(own)
            throw POSIXError(.ENOTTY)
        }
        return (own, other)
    }
}
