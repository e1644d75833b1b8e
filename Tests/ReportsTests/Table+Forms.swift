import Text
import Reports
import Testing

extension Table {
    /// The table in each of its forms, the text as a terminal of 80 columns shows it.
    ///
    /// - Throws: What writing JSON throws.
    func inEveryForm() throws -> String {
        """
        == Text

        \(text(style: .eighty))
        == Markdown

        \(markdown())
        == CSV

        \(csv())
        == JSON

        \(try json())
        """
    }
}

extension TerminalStyle {
    /// Without emphasis, for a terminal of 80 columns.
    static let eighty = TerminalStyle(isEnabled: false, width: 80)
    /// Without emphasis, for a terminal of 40 columns.
    static let forty = TerminalStyle(isEnabled: false, width: 40)
}

/// Expects that no line of a text is longer than a terminal is wide.
func expectFits(_ text: String, _ width: Int = 80, sourceLocation: SourceLocation = #_sourceLocation) {
    for line in text.split(separator: "\n") where line.count > width {
        Issue.record("\(line.count) columns: \(line)", sourceLocation: sourceLocation)
    }
}
