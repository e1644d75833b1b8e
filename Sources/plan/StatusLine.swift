import Foundation
import Reports
import Synchronization
import Text

/// The line on a terminal's standard error that is written over, and gone before anything else is written there.
enum StatusLine {
    private static let isVisible = Mutex(false)

    /// Whether standard error is a terminal, without which there is no such line.
    static let isPossible = isatty(STDERR_FILENO) == 1

    /// Shows a line in the place of the one before, cut to the terminal's width; nothing of a name in it acts on the terminal.
    static func show(_ text: String) {
        guard isPossible else { return }
        isVisible.withLock {
            $0 = true
            Console.writeError(
                "\r\(text.visible.prefix(max(1, TerminalStyle.columns(of: STDERR_FILENO) - 1)))\u{1B}[K"
            )
        }
    }

    /// Takes the line away.
    static func clear() {
        isVisible.withLock {
            guard $0 else { return }
            $0 = false
            Console.writeError("\r\u{1B}[K")
        }
    }
}
