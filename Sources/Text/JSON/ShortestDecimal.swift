extension Double {
    /// The shortest decimal that reads back as the same number, whole numbers without a fraction: `4`, `0.1`, `1e-05`.
    ///
    /// It is valid JSON wherever the number is finite.
    public var shortestDecimal: String {
        let text = description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
