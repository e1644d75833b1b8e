import Foundation

/// How text is shown: whether it is emphasised with terminal control sequences, and how long its lines may be.
///
/// Emphasis is never the only carrier of a meaning: without it the same text is printed.
public struct TerminalStyle: Hashable, Sendable {
    /// Whether ``bold(_:)`` changes anything.
    public let isEnabled: Bool
    /// The characters that a line has room for, or `nil` where it may be as long as it is.
    public let width: Int?

    /// A style that leaves every text as it is.
    public static let plain = TerminalStyle(isEnabled: false)

    /// The style for standard output as it is now.
    public static var standardOutput: TerminalStyle {
        TerminalStyle(
            isTerminal: isatty(STDOUT_FILENO) == 1,
            environment: ProcessInfo.processInfo.environment,
            width: columns(of: STDOUT_FILENO)
        )
    }

    /// The style for notes on standard error as it is now: without emphasis, and with a width only where `COLUMNS` or a terminal says
    /// one, as a line of a log is not broken.
    public static var standardError: TerminalStyle {
        let isKnown = isatty(STDERR_FILENO) == 1 || givenColumns != nil
        return TerminalStyle(isEnabled: false, width: isKnown ? columns(of: STDERR_FILENO) : nil)
    }

    /// What `COLUMNS` says, or `nil` where it says nothing.
    private static var givenColumns: Int? {
        ProcessInfo.processInfo.environment["COLUMNS"].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
    }

    /// The characters that a line of a stream has room for: what `COLUMNS` says, else the terminal, else 80.
    public static func columns(of descriptor: CInt) -> Int {
        if let givenColumns { return givenColumns }
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
        else { return 80 }
        return Int(size.ws_col)
    }

    /// Creates a style that is on or off.
    ///
    /// - Parameters:
    ///   - isEnabled: Whether text is emphasised.
    ///   - width: The characters that a line has room for, or `nil` for any number.
    public init(isEnabled: Bool, width: Int? = nil) {
        self.isEnabled = isEnabled
        self.width = width
    }

    /// Decides whether to emphasise.
    ///
    /// Text is emphasised only on a terminal that can show it (`TERM` is not `dumb`), and only when `NO_COLOR` is
    /// unset or empty, as <https://no-color.org> has it.
    ///
    /// - Parameters:
    ///   - isTerminal: Whether the output goes to a terminal.
    ///   - environment: The environment's variables.
    ///   - width: The characters that a line has room for, or `nil` for any number.
    public init(isTerminal: Bool, environment: [String: String], width: Int? = nil) {
        let refusesColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        self.init(
            isEnabled: isTerminal && !refusesColor && environment["TERM"] != "dumb",
            width: width
        )
    }

    /// All control sequences that the style puts into a text; none where it is off.
    public var marks: [String] { isEnabled ? ["1", "22"].map { "\u{1B}[\($0)m" } : [] }

    /// The text in bold.
    public func bold(_ text: String) -> String {
        isEnabled && !text.isEmpty ? "\u{1B}[1m\(text)\u{1B}[22m" : text
    }
}
