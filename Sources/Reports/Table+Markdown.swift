import Text
extension Table {
    /// The table in GitHub's Markdown, padded so that it also reads well as it is.
    ///
    /// Characters that Markdown would take for markup, a pipe first of all, are escaped with a backslash; control
    /// characters are shown as escapes such as `\n`.
    public func markdown() -> String {
        let headings = columns.map { Self.escapedForMarkdown($0.title) }
        let cells = rows.map { row in row.map { Self.escapedForMarkdown($0.text) } }
        // The row under the headings needs three characters.
        let widths = columnWidths(headings: headings, cells: cells).map { max(3, $0) }

        let rule = zip(columns, widths).map { column, width in
            String(repeating: "-", count: width - 1) + (column.alignment == .left ? "-" : ":")
        }
        return ([headings, rule] + cells).map { row in
            let padded = row.indices.map { Self.padded(row[$0], to: widths[$0], columns[$0].alignment) }
            return "| " + padded.joined(separator: " | ") + " |\n"
        }.joined()
    }

    static func escapedForMarkdown(_ text: String) -> String {
        var result = ""
        for character in text.visible {
            if #"\|`*<"#.contains(character) {
                result.append("\\")
            }
            result.append(character)
        }
        return result
    }
}
