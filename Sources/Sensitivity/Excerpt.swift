/// A text from a file, made fit for a one-line message: in quotes, short, and without control characters.
struct Excerpt: CustomStringConvertible {
    let description: String

    init(_ text: String) {
        let limit = 60
        var excerpt = "'"
        for scalar in text.unicodeScalars.prefix(limit) {
            excerpt += TableName.isControl(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
        }
        if text.unicodeScalars.count > limit { excerpt += "…" }
        description = excerpt + "'"
    }
}
