import Reports

extension Console {
    /// What a text on standard output is, by which characters that act on a terminal are written in it.
    enum Kind {
        /// Text for people, with the emphasis of the terminal's style.
        case people
        /// JSON, which has escapes of its own.
        case json
        /// Anything else that programs read: CSV, a page, a chart, the rules of a converter.
        case data
    }
}

extension OutputFormat {
    /// What a table in the format is.
    var kind: Console.Kind { self == .json ? .json : .people }
}
