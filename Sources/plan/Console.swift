import Foundation
import Reports
import Text

/// Writing to the two standard streams: results to the one, everything else to the other.
enum Console {
    /// Writes a result to standard output, ending the command quietly where nobody reads it any more.
    ///
    /// Of control characters only the ends of lines, tabs and the colours of ``TerminalStyle`` reach a terminal, whatever a file
    /// has for a name. What programs read has no others.
    static func print(_ text: String) throws {
        try WholeFile.write(harmless(text), toDescriptor: STDOUT_FILENO, path: "-")
    }

    /// The bytes of a text, control characters written as escapes.
    private static func harmless(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let kept: Set<UInt8> = [UInt8(ascii: "\n"), UInt8(ascii: "\t")]
        guard bytes.contains(where: { $0 < 0x20 && !kept.contains($0) || $0 == 0x7F }) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            let isHarmless = byte >= 0x20 && byte != 0x7F || kept.contains(byte)
            if isHarmless || byte == 0x1B && isColour(bytes[(index + 1)...].prefix(12)) {
                result.append(byte)
            } else {
                result += Array("\\u{\(String(byte, radix: 16))}".utf8)
            }
        }
        return result
    }

    /// Whether what follows an escape character is a choice of colours: `[`, digits and semicolons, `m`.
    private static func isColour(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.first == UInt8(ascii: "["), let end = bytes.firstIndex(of: UInt8(ascii: "m")) else {
            return false
        }
        return bytes[bytes.startIndex + 1..<end].allSatisfy {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: ";")
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
