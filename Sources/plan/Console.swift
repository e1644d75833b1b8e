import Foundation
import Reports

/// Writing to the two standard streams: results to the one, everything else to the other.
enum Console {
    /// Writes a result to standard output, ending the command quietly where nobody reads it any more.
    static func print(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let reason = String(cString: strerror(errno)).lowercased()
                throw Failure(
                    code: Failure.cannotWrite,
                    message: "cannot write to standard output: \(reason)"
                )
            }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Writes a note to standard error.
    static func note(_ text: String) {
        StatusLine.clear()
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    /// Writes why the command failed to standard error.
    static func error(_ message: String) {
        note("plan: \(message)")
    }

    /// The columns that text on standard output has: what `COLUMNS` says, or the terminal, or 100.
    static var width: Int { columns(of: STDOUT_FILENO) }

    /// The columns of a stream: what `COLUMNS` says, or the terminal, or 100.
    static func columns(of descriptor: CInt) -> Int {
        if let given = ProcessInfo.processInfo.environment["COLUMNS"].flatMap(Int.init), given > 0 {
            return given
        }
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
        else { return 100 }
        return Int(size.ws_col)
    }
}
