public import Text

extension FrontierReport {
    /// The curve as a drawing: size against impact, knees ringed, plans from elsewhere as named marks.
    ///
    /// The drawing stands on its own: no style sheet, font or image from elsewhere. Kinds of marks differ in shape as well
    /// as in colour.
    public func svg() -> String {
        FrontierDrawing(self, notes: notes.flatMap { Self.lines(of: $0, width: 110) }).text
    }

    /// Whether a file holds such a drawing.
    ///
    /// - Parameter file: The file.
    /// - Returns: Whether it does.
    public static func isDrawing(_ file: InspectedFile) -> Bool {
        file.beginning.hasPrefix("<svg ") && file.beginning.contains("\(FrontierDrawing.titleEnd)</title>")
    }

    /// Which marks are not quite what their names say, or not allowed; for below the drawing.
    private var notes: [String] {
        ComparedPlan.remarks(on: compared) { $0.exceptions.map { "except \($0)" } }.map { "* \($0)" }
            + ComparedPlan.remarks(on: compared) { $0.breach.map { "not allowed, \($0)" } }
    }

    /// A text broken at spaces into lines of about so many characters; a longer word has a line of its own.
    private static func lines(of text: String, width: Int) -> [String] {
        text.split(separator: " ").reduce(into: [String]()) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }
}
