import Text

/// The rules for names in an impact table.
///
/// They are few, and are what lets every table be written as CSV and read again.
enum TableName {
    /// Words that stand in the header of a table and so cannot name a format.
    private static let headerWords: Set<String> = ["layer", "format", "impact"]

    /// What is wrong with the name of a layer, or nil.
    static func problem(inLayer name: String) -> TableProblem? {
        if name.isEmpty { return .namelessLayer }
        return isUsable(name) ? nil : .unusableName(name)
    }

    /// What is wrong with the name of a format, or nil.
    static func problem(inFormat name: String) -> TableProblem? {
        if name.isEmpty { return .namelessFormat }
        guard isUsable(name), !headerWords.contains(name.lowercased()) else { return .unusableName(name) }
        return nil
    }

    private static func isUsable(_ name: String) -> Bool {
        // Plain letters need no closer look, and most names have no others.
        if name.utf8.allSatisfy({ (0x21..<0x7f).contains($0) }) { return !name.isEmpty }
        guard let first = name.first, let last = name.last, !first.isWhitespace, !last.isWhitespace else {
            return false
        }
        if name.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return true }
        // A name that begins with a combining mark would swallow the comma in front of it.
        return !name.unicodeScalars.contains(where: \.isControl) && ",\(name),".count == name.count + 2
    }
}
