import Foundation

/// Whether text is emphasised with terminal control sequences, and the emphasis itself.
///
/// Emphasis is never the only carrier of a meaning: without it the same text is printed.
public struct TerminalStyle: Hashable, Sendable {
    /// Whether `bold(_:)` and `dim(_:)` change anything.
    public let isEnabled: Bool

    /// A style that leaves every text as it is.
    public static let plain = TerminalStyle(isEnabled: false)

    /// The style for standard output as it is now.
    public static var standardOutput: TerminalStyle {
        TerminalStyle(
            isTerminal: isatty(STDOUT_FILENO) == 1,
            environment: ProcessInfo.processInfo.environment
        )
    }

    /// Creates a style that is on or off.
    public init(isEnabled: Bool) {
        self.isEnabled = isEnabled
    }

    /// Decides whether to emphasise.
    ///
    /// Text is emphasised only on a terminal that can show it (`TERM` is not `dumb`), and only when `NO_COLOR` is
    /// unset or empty, as <https://no-color.org> has it.
    ///
    /// - Parameters:
    ///   - isTerminal: Whether the output goes to a terminal.
    ///   - environment: The environment's variables.
    public init(isTerminal: Bool, environment: [String: String]) {
        let refusesColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        self.init(isEnabled: isTerminal && !refusesColor && environment["TERM"] != "dumb")
    }

    /// The text in bold.
    public func bold(_ text: String) -> String {
        emphasised(text, with: "1")
    }

    /// The text in a fainter colour.
    public func dim(_ text: String) -> String {
        emphasised(text, with: "2")
    }

    private func emphasised(_ text: String, with code: String) -> String {
        // 22 ends both bold and dim.
        isEnabled && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[22m" : text
    }
}
