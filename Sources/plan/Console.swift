import Foundation
import Reports
import Text

/// Writing to the two standard streams: results to the one, everything else to the other.
enum Console {
    /// Writes a result to standard output, ending the command quietly where nobody reads it any more.
    ///
    /// Of characters that act on a terminal or stay unseen only the ends of lines, tabs and the colours of ``TerminalStyle`` reach
    /// it, whatever a file has for a name; in JSON they are escaped as JSON escapes them, and pages and charts have none.
    static func print(_ text: String) throws {
        try WholeFile.write(harmless(text), toDescriptor: STDOUT_FILENO, path: "-")
    }

    /// The bytes of a text, characters that act on a terminal or stay unseen written as escapes.
    private static func harmless(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let kept: Set<Unicode.Scalar> = ["\n", "\t"]
        // Nearly all texts are ASCII, and quickly looked through.
        let isHarmless = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x09 }
        guard !isHarmless, bytes.first != UInt8(ascii: "<") else { return bytes }
        let isJSON = bytes.first == UInt8(ascii: "{") || bytes.first == UInt8(ascii: "[")
        let scalars = text.unicodeScalars
        var result = ""
        result.reserveCapacity(bytes.count)
        for index in scalars.indices {
            let scalar = scalars[index]
            if !scalar.isUnseen && scalar != "\u{7F}" && scalar.undecodedByte == nil || kept.contains(scalar)
                || scalar == "\u{1B}" && isColour(scalars[scalars.index(after: index)...].prefix(12))
            {
                result.unicodeScalars.append(scalar)
            } else if isJSON {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                result += String(scalar).visible
            }
        }
        return Array(result.utf8)
    }

    /// Whether what follows an escape character is a choice of colours: `[`, digits and semicolons, `m`.
    private static func isColour(_ scalars: Substring.UnicodeScalarView) -> Bool {
        guard scalars.first == "[", let end = scalars.firstIndex(of: "m") else { return false }
        return scalars[scalars.index(after: scalars.startIndex)..<end].allSatisfy {
            ("0"..."9").contains($0) || $0 == ";"
        }
    }

    /// Writes a note to standard error.
    ///
    /// A name that nobody made safe before does no harm here: nothing but the ends of lines acts on the terminal.
    static func note(_ text: String) {
        StatusLine.clear()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(\.visible)
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        try? WholeFile.write(bytes, toDescriptor: STDERR_FILENO, path: "-")
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
