import Text

extension Table {
    /// The table's values as comma-separated values, the columns' keys in the first line.
    ///
    /// Fields are quoted as RFC 4180 has it; lines end with a line feed alone, which the tools of Unix expect.
    /// Numbers have no grouping, and a text that begins with `=`, `+`, `-` or `@` is left as it is. A null is an
    /// empty field, an empty string is `""`.
    public func csv() -> String {
        let lines = [columns.map { Cell.Value.string($0.key) }] + rows.map { row in row.map(\.value) }
        return lines.map { values in
            let fields = values.map(Self.csvField)
            // A line with nothing on it would be taken for no line at all.
            return (fields == [""] ? "\"\"" : fields.joined(separator: ",")) + "\n"
        }.joined()
    }

    private static func csvField(_ value: Cell.Value) -> String {
        switch value {
        case .string(let string): string.csvField
        case .integer(let integer): integer.description
        case .number(let number): number.shortestDecimal
        case .boolean(let boolean): boolean.description
        case .null: ""
        }
    }
}
