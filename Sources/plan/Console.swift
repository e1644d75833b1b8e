import Foundation
import Reports

/// Writing to the two standard streams: results to the one, everything else to the other.
enum Console {
    /// Writes a result to standard output, ending the command quietly where nobody reads it any more.
    static func print(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw Failure(
                code: Failure.cannotWrite,
                message: "cannot write to standard output: \(error.localizedDescription)"
            )
        }
    }

    /// Writes a note to standard error.
    static func note(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    /// Writes why the command failed to standard error.
    static func error(_ message: String) {
        note("plan: \(message)")
    }

    /// The columns of the terminal, or 100 where standard output is none.
    static var width: Int {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
        else {
            return 100
        }
        return Int(size.ws_col)
    }
}
