/// Text as part of Python source that a person pastes.
enum PythonText {
    /// The text as a string literal in double quotes, whatever characters it has.
    static func literal(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": literal += "\\\(scalar)"
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            default:
                let isControl = scalar.properties.generalCategory == .control
                let digits = String(scalar.value, radix: 16)
                literal +=
                    isControl ? "\\x" + String(repeating: "0", count: 2 - digits.count) + digits : "\(scalar)"
            }
        }
        return literal + "\""
    }
}
