/// Text as part of a command that a person pastes into a shell.
package enum ShellText {
    /// The most bytes of one argument: Linux takes 128 KiB, the zero at its end included.
    static let argumentLimit = 131_071

    /// The text as one word of a POSIX shell, in quotes where it needs them; a file is a ``path(_:)``.
    package static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "._-/+@%:,".utf8.contains(byte)
            }
        }
        guard !isPlain || text.isEmpty || text.hasPrefix("-") else { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
            + "'"
    }

    /// The path of a file as one word of a POSIX shell: one that begins as an option does is named with its folder.
    package static func path(_ path: String) -> String {
        word(path.hasPrefix("-") ? "./" + path : path)
    }

    /// A model's name as the beginning of a file name, `model` where the name is not fit for that.
    static func fileStem(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, let first = name.first, first != "-", first != "." else { return "model" }
        return name
    }
}
