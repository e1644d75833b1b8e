extension JSONValue {
    /// The value as JSON text, the same to the byte on every platform, ending with one newline.
    ///
    /// Members keep their order and are indented by two spaces. An object or array stands on one line when that
    /// whole line, with its indentation, its key and a comma after it, is at most 120 Unicode scalars long;
    /// otherwise each of its members has a line of its own. Scalars are counted because the rules for
    /// user-perceived characters change with the Unicode version of the system.
    ///
    /// Numbers are the shortest decimals that read back as the same `Double`, whole ones without a fraction.
    /// Strings are UTF-8; quotes, backslashes, control characters, U+2028 and U+2029 are escaped.
    ///
    /// - Throws: ``JSONWritingError`` for a number that is not finite.
    public func text() throws(JSONWritingError) -> String {
        String(decoding: try utf8(), as: UTF8.self)
    }

    /// The bytes of `text()`.
    ///
    /// - Throws: ``JSONWritingError`` for a number that is not finite.
    public func utf8() throws(JSONWritingError) -> [UInt8] {
        if let path = pathOfNonFiniteNumber {
            throw .nonFiniteNumber(path: "$" + path)
        }
        var writer = JSONWriter()
        writer.writeDocument(self)
        return writer.bytes
    }

    /// The bytes of the value on one line, however long it is, ending with one newline: a record of JSON Lines.
    ///
    /// - Throws: As ``text()``.
    public func line() throws(JSONWritingError) -> [UInt8] {
        if let path = pathOfNonFiniteNumber {
            throw .nonFiniteNumber(path: "$" + path)
        }
        var writer = JSONWriter()
        writer.writeLine(self)
        return writer.bytes
    }

    /// The way from this value to the first number that is not finite, nil if there is none.
    private var pathOfNonFiniteNumber: String? {
        switch self {
        case .number(let number):
            return number.isFinite ? nil : ""
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                if let rest = element.pathOfNonFiniteNumber {
                    return "[\(index)]" + rest
                }
            }
            return nil
        case .object(let members):
            for member in members {
                if let rest = member.value.pathOfNonFiniteNumber {
                    return "." + member.key + rest
                }
            }
            return nil
        case .string, .integer, .boolean, .null:
            return nil
        }
    }
}
