extension StringProtocol {
    /// The text as a terminal, a table or a page may show it: every character that would move the cursor, reorder the
    /// line or stay unseen is written as an escape.
    ///
    /// Names come from files that anyone may have written; an escape sequence in one must not reach the terminal. `\n`,
    /// `\r` and `\t` are written so, a byte of a file name that is no UTF-8 as in `\xff`, everything else as in `\u{1b}`.
    package var visible: String {
        guard !isPlain else { return String(self) }
        var result = ""
        for scalar in unicodeScalars { result += scalar.visible }
        return result
    }

    /// The text in quotation marks as a sentence shows it: ``visible``, its own quotation marks and backslashes escaped,
    /// and cut after 200 characters, because a name may be far longer than a line.
    package var quoted: String {
        var result = "\""
        var count = 0
        for scalar in unicodeScalars {
            count += 1
            guard count <= 200 else { return result + "\"…" }
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            default: result += scalar.visible
            }
        }
        return result + "\""
    }

    /// Whether the text has nothing but the printable characters of ASCII, as nearly all names do.
    private var isPlain: Bool {
        utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    }
}

extension Collection<String> {
    /// The first few of some names with commas between them, and how many more there are.
    ///
    /// - Parameters:
    ///   - limit: How many are named.
    ///   - isQuoted: Whether they stand in quotation marks.
    /// - Returns: The text.
    package func listed(atMost limit: Int = 6, quoted isQuoted: Bool = true) -> String {
        let list = prefix(limit).map { isQuoted ? $0.quoted : $0.visible }.joined(separator: ", ")
        return count > limit ? "\(list) and \(count - limit) more" : list
    }
}

extension Unicode.Scalar {
    /// Whether the character controls a terminal, or ends a line.
    package var isControl: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
        default: false
        }
    }

    /// The character, or its escape where it must not reach a terminal.
    fileprivate var visible: String {
        switch self {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _ where undecodedByte != nil: "\\x" + String(undecodedByte ?? 0, radix: 16)
        case _ where isUnseen: "\\u{\(String(value, radix: 16))}"
        default: String(self)
        }
    }

    /// Whether the character is a control, ends a line, or changes how what follows is shown.
    package var isUnseen: Bool {
        if value < 0x7F { return value < 0x20 }
        if value < 0xA0 { return true }
        switch properties.generalCategory {
        case .lineSeparator, .paragraphSeparator: return true
        // The marks that change the direction of a line, and letters that take no room. The two joiners are parts of words
        // and of pictures.
        case .format: return value != 0x200C && value != 0x200D
        default: return false
        }
    }
}
