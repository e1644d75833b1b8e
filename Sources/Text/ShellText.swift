/// Text as part of a command that a person pastes into a shell.
package enum ShellText {
    /// The most bytes of one argument: Linux takes 128 KiB, the zero at its end included.
    package static let argumentLimit = 131_071

    /// The text as one word of a POSIX shell, in quotes where it needs them; a file is a ``path(_:)``.
    ///
    /// What would act on a terminal or stay unseen, and bytes of a file's name that are no UTF-8, are escapes between `$'` and `'`,
    /// which POSIX has since 2024, and bash and zsh long had.
    package static func word(_ text: String) -> String {
        guard !text.unicodeScalars.contains(where: \.isEscaped) else { return escaped(text) }
        return argument(text)
    }

    /// The text as one word of a POSIX shell that the program itself starts, in quotes where it needs them.
    package static func argument(_ text: String) -> String {
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

    /// The text between `$'` and `'`, every byte that is not shown as three octal digits, which end where they end.
    private static func escaped(_ text: String) -> String {
        var word = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'", "\\": word += "\\\(scalar)"
            case _ where scalar.isEscaped:
                for byte in String(scalar).systemPath {
                    let digits = String(byte, radix: 8)
                    word += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
                }
            default: word.unicodeScalars.append(scalar)
            }
        }
        return "$'\(word)'"
    }

    /// The path of a file as one word of a POSIX shell: one that begins as an option does is named with its folder.
    package static func path(_ path: String) -> String {
        word(path.hasPrefix("-") ? "./" + path : path)
    }

    /// The path of a file that a command has read, as one word of a POSIX shell.
    ///
    /// No path leads again to what came through standard input or what the shell opened. Where a person is to give the file itself, the
    /// option that names it stands for it, as in `MODEL-FILE`.
    ///
    /// - Parameters:
    ///   - path: The path, as it was typed.
    ///   - option: The option that names such a file, such as `--model`.
    /// - Returns: The word.
    package static func input(_ path: String, as option: String) -> String {
        InputFile.hasName(path) ? self.path(path) : standIn(for: option)
    }

    /// The word that stands for a file which an option names.
    package static func standIn(for option: String) -> String {
        option.drop { $0 == "-" }.uppercased() + "-FILE"
    }

    /// A model's name as the beginning of a file name, `model` where the name is not fit for that.
    package static func fileStem(_ name: String) -> String {
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

extension Unicode.Scalar {
    /// Whether the character is written as an escape where a person is to paste it.
    fileprivate var isEscaped: Bool { undecodedByte != nil || isUnseen || self == "\u{7F}" }
}
