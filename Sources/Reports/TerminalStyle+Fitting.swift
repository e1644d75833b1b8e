extension TerminalStyle {
    /// Text whose lines are no longer than the terminal is wide, broken at spaces.
    ///
    /// A line that is too long goes on under its second column where it begins with a label, as `Proof   optimal, …` does, else
    /// under its first word. A word that is longer than a line stays whole, and so does a line of three columns or more, which
    /// is a table's.
    ///
    /// - Parameters:
    ///   - text: The lines.
    ///   - labels: The characters that labels take; a first word that leaves room for one space there is a label, too.
    /// - Returns: The lines.
    public func fitted(_ text: String, labels: Int = 0) -> String {
        guard let width else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { Self.fitted($0, width: width, labels: labels) }.joined(separator: "\n")
    }

    private static func fitted(_ line: Substring, width: Int, labels: Int) -> String {
        guard visibleCount(line) > width else { return String(line) }
        let lead = line.prefix { $0 == " " }
        let gaps = line.dropFirst(lead.count).ranges(of: /[ ]{2,}/)
        guard gaps.count < 2 else { return String(line) }
        var head = lead
        if let gap = gaps.first {
            head = line[..<gap.upperBound]
            // What takes half of the line is no label, but the first column of a table.
            guard visibleCount(head) <= width / 2 else { return String(line) }
        } else if lead.isEmpty, labels > 0, let space = line.firstIndex(of: " "),
            line.distance(from: line.startIndex, to: space) == labels - 1
        {
            head = line[...space]
        }
        let indent = String(repeating: " ", count: visibleCount(head))
        return head
            + wrapped(String(line[head.endIndex...]), width: width - indent.count)
            .joined(separator: "\n" + indent)
    }

    /// Lines of at most so many characters, or of one word.
    static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in words(text) {
            if !line.isEmpty, visibleCount(line) + 1 + visibleCount(word) > width {
                lines.append(line)
                line = word
            } else {
                line += line.isEmpty ? word : " " + word
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }

    /// The words of a text; a number and the unit after it are one, and so is a name in quotation marks, or quoted for a shell.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var rest = text.split(separator: " ")[...]
        while let first = rest.popFirst() {
            var word = String(first)
            if let more = quotedCount(word, rest) {
                for next in rest.prefix(more) { word += " " + next }
                rest = rest.dropFirst(more)
            }
            let unit = word.prefix { $0.isLetter || $0 == "%" }
            if let last = words.last?.last(where: { $0 != "(" }), last.isNumber, units.contains(String(unit))
            {
                words[words.count - 1] += " " + word
            } else {
                words.append(String(word))
            }
        }
        return words
    }

    /// The most words that a name in quotation marks is taken to have.
    private static let quotedLimit = 12

    /// How many more words there are of a name in quotation marks that begins with a word; `nil` where none begins there, or where
    /// it does not end.
    private static func quotedCount(_ word: String, _ rest: ArraySlice<Substring>) -> Int? {
        let inner = word.drop { $0 == "(" || $0 == "[" }
        guard let mark = inner.first, mark == "\"" || mark == "'", !inner.dropFirst().contains(mark) else {
            return nil
        }
        let index = rest.prefix(quotedLimit).firstIndex { next in
            next.reversed().drop { ".,;:)]?".contains($0) }.first == mark
        }
        return index.map { $0 - rest.startIndex + 1 }
    }

    private static let units: Set<String> = ["B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB", "%"]

    /// The characters of a text that are seen: those of emphasis are not.
    static func visibleCount(_ text: some StringProtocol) -> Int {
        guard text.utf8.contains(0x1B) else { return text.count }
        return String(text).replacing(/\u{1B}\[\d+m/, with: "").count
    }
}
