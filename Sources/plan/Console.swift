import Foundation
import Reports
import Text

/// Writing to the two standard streams: results to the one, everything else to the other.
enum Console {
    /// Writes a result to standard output, ending the command quietly where nobody reads it any more.
    ///
    /// Of characters that act on a terminal or stay unseen only the ends of lines, tabs and the emphasis of ``TerminalStyle``
    /// reach it, whatever a file has for a name; in JSON they are escaped as JSON escapes them.
    ///
    /// - Parameters:
    ///   - text: The result.
    ///   - kind: What it is.
    /// - Throws: `FileError`.
    static func print(_ text: String, as kind: Kind = .people) throws {
        try WholeFile.write(harmless(text, kind), toDescriptor: STDOUT_FILENO, path: "-")
    }

    /// Writes to standard output what was asked for in place of a file, as it would be in the file; on a terminal nothing of it
    /// acts.
    ///
    /// - Parameters:
    ///   - text: The content.
    ///   - kind: What it is.
    /// - Throws: `FileError`.
    static func write(_ text: String, as kind: Kind) throws {
        guard isatty(STDOUT_FILENO) == 0 else { return try print(text, as: kind) }
        try WholeFile.write(Array(text.utf8), toDescriptor: STDOUT_FILENO, path: "-")
    }

    /// The bytes of a text, characters that act on a terminal or stay unseen written as escapes.
    private static func harmless(_ text: String, _ kind: Kind) -> [UInt8] {
        let bytes = Array(text.utf8)
        // Nearly all texts are ASCII, and quickly looked through.
        guard !bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x09 }) else { return bytes }
        let marks = kind == .people ? TerminalStyle.standardOutput.marks : []
        let scalars = text.unicodeScalars
        var result = ""
        result.reserveCapacity(bytes.count)
        var index = scalars.startIndex
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let isSeen = !scalar.isUnseen && scalar != "\u{7F}" && scalar.undecodedByte == nil
            if isSeen || scalar == "\n" || scalar == "\t" {
                result.unicodeScalars.append(scalar)
            } else if scalar == "\u{1B}",
                let mark = marks.first(where: { scalars[index...].starts(with: $0.unicodeScalars) })
            {
                result += mark
                index = scalars.index(index, offsetBy: mark.unicodeScalars.count)
                continue
            } else if kind == .json {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                result += String(scalar).visible
            }
            index = scalars.index(after: index)
        }
        return Array(result.utf8)
    }

    /// Writes a note to standard error, its lines broken where they are longer than the terminal is wide.
    ///
    /// A name that nobody made safe before does no harm here: nothing but the ends of lines acts on the terminal.
    static func note(_ text: String) { note(text, style: .standardError) }

    /// Writes lines to standard error each of which stays one line, so that it can be pasted, as a command is.
    static func noteToPaste(_ text: String) { note(text, style: .plain) }

    private static func note(_ text: String, style: TerminalStyle) {
        StatusLine.clear()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(\.visible)
        writeError(style.fitted(lines.joined(separator: "\n")) + "\n")
    }

    /// Writes to standard error as it is; where it cannot be written, nobody is there to be told.
    static func writeError(_ text: String) {
        try? WholeFile.write(Array(text.utf8), toDescriptor: STDERR_FILENO, path: "-")
    }

    /// Writes why the command failed to standard error.
    static func error(_ message: String) {
        note("plan: \(message)")
    }

    /// Writes text for people to standard output, its lines broken where they are longer than the terminal is wide, and nothing of
    /// a name left unseen.
    static func show(_ text: String) throws {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(\.visible)
        try print(TerminalStyle.standardOutput.fitted(lines.joined(separator: "\n")))
    }

    /// The characters that a line on standard output has room for.
    static var width: Int { TerminalStyle.columns(of: STDOUT_FILENO) }

    /// How text for people is shown on standard error.
    static var errorStyle: TerminalStyle {
        TerminalStyle(isEnabled: false, width: TerminalStyle.columns(of: STDERR_FILENO))
    }
}
