extension String {
    /// The text with one to six characters put in, or put in the place of others; it may be no text of its kind any more.
    ///
    /// - Parameters:
    ///   - marks: The characters.
    ///   - generator: What draws them and their places.
    /// - Returns: The other text.
    public func mutilated(with marks: String, using generator: inout SeededGenerator) -> String {
        var scalars = Array(unicodeScalars)
        let marks = Array(marks.unicodeScalars)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let position = Int.random(in: 0..<scalars.count, using: &generator)
            let mark = marks[Int.random(in: 0..<marks.count, using: &generator)]
            if Bool.random(using: &generator) {
                scalars[position] = mark
            } else {
                scalars.insert(mark, at: position)
            }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
