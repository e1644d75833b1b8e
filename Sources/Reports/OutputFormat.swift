/// The ways a result can be printed.
public enum OutputFormat: String, CaseIterable, Hashable, Sendable {
    /// Aligned columns for a person at a terminal.
    case text
    /// JSON for programs.
    case json
    /// Comma-separated values for spreadsheets.
    case csv
    /// A Markdown table for documents.
    case markdown
}
