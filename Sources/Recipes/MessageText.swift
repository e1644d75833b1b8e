extension String {
    /// The text in quotation marks, with everything that could garble a terminal written as an escape.
    package var quotedForMessage: String {
        "\"" + unicodeScalars.map { $0.escaped(asASCII: true) }.joined() + "\""
    }
}

extension [String] {
    /// The names with commas between them, at most six of them.
    package var listedForMessage: String {
        let shown = prefix(6).map { name in
            String(name.unicodeScalars.map { $0.escaped(asASCII: true) }.joined())
        }
        let rest = count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
