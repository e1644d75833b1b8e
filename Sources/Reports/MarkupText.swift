import Text
extension String {
    /// The text as it stands in HTML or SVG, in an element or in a quoted attribute.
    ///
    /// Control characters that XML does not allow are shown as escapes.
    package var escapedForMarkup: String {
        var result = ""
        for scalar in visible.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
