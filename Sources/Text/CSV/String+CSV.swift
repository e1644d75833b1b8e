extension String {
    /// The text as a field of CSV: in quotes, those in it doubled, where it has a comma, a quote, a line ending or a blank
    /// at an end, or is empty, so that it differs from nothing at all (RFC 4180, section 2).
    package var csvField: String {
        let needsQuotes =
            utf8.contains { byte in
                byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
                    || byte == UInt8(ascii: "\r")
            } || utf8.first.map(Self.isBlank) ?? true || utf8.last.map(Self.isBlank) ?? true
        guard needsQuotes else { return self }
        var field = "\""
        for scalar in unicodeScalars {
            field.unicodeScalars.append(scalar)
            if scalar == "\"" { field.unicodeScalars.append(scalar) }
        }
        return field + "\""
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
