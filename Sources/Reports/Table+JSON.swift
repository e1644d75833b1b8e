public import Text

extension Table {
    /// The table's values as an array of objects, one per row, whose keys are the columns'.
    public var jsonValue: JSONValue {
        .array(
            rows.map { row in
                .object(
                    zip(columns, row).map { column, cell in
                        JSONValue.Member(key: column.key, value: Self.jsonValue(cell.value))
                    }
                )
            }
        )
    }

    /// The text of `jsonValue`.
    ///
    /// - Throws: `JSONWritingError` for a number that is not finite.
    public func json() throws(JSONWritingError) -> String {
        try jsonValue.text()
    }

    private static func jsonValue(_ value: Cell.Value) -> JSONValue {
        switch value {
        case .string(let string): .string(string)
        case .integer(let integer): .integer(integer)
        case .number(let number): .number(number)
        case .boolean(let boolean): .boolean(boolean)
        case .null: .null
        }
    }
}
