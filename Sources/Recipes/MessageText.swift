import Text

extension [String] {
    /// The names with commas between them, at most six of them.
    package var listedForMessage: String {
        let shown = prefix(6).map(\.visible)
        let rest = count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
