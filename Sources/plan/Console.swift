import Foundation
import Reports
import Text

/// Writing to the two standard streams: results to the one, everything else to the other.
enum Console {
    /// Writes a result to standard output, ending the command quietly where nobody reads it any more.
    static func print(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let reason = SystemCall.reason
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

    /// Writes text for people to standard output, its lines broken where they are longer than the terminal is wide.
    static func show(_ text: String) throws {
        try print(TerminalStyle.standardOutput.fitted(text))
    }

    /// The characters that a line on standard output has room for.
    static var width: Int { TerminalStyle.columns(of: STDOUT_FILENO) }

    /// How text for people is shown on standard error.
    static var errorStyle: TerminalStyle {
        TerminalStyle(isEnabled: false, width: TerminalStyle.columns(of: STDERR_FILENO))
    }
}
