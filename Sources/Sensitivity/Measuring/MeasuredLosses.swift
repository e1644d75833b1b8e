import Text

/// Losses at the end of whole quantized models, measured by the user: one per recipe.
///
/// CSV with the header `recipe,loss`; the loss is a positive number:
///
/// ```
/// recipe,loss
/// plans/flux1-dev-8GB.json,0.0412
/// plans/flux1-dev-9GB.json,0.0237
/// ```
public enum MeasuredLosses {
    /// One line.
    public struct Line: Hashable, Sendable {
        /// The path of the recipe, as it is written.
        public let recipe: String
        /// The measured loss.
        public let loss: Double
    }

    /// Reads the lines of a file.
    ///
    /// - Throws: ``SensitivityError`` for a file that is not there or cannot be read, and
    ///   ``SensitivityError/badTable(file:line:problem:)``.
    public static func read(path: String) throws(SensitivityError) -> [Line] {
        try read(text: TextFile.read(path: path), file: path)
    }

    /// Reads the lines of a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - file: What messages call it.
    /// - Returns: The lines in their order; empty ones are passed over.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    public static func read(text: String, file: String) throws(SensitivityError) -> [Line] {
        let text = text.withoutMark
        let (rows, _) = try CSVText.rows(of: text, file: file)
        let body = try TableRow.body(
            of: rows,
            below: ["recipe", "loss"],
            each: "a recipe and its loss",
            file: file
        )
        var lines: [Line] = []
        for row in body {
            try row.check(cellCount: 2, file: file)
            let position = TextPosition(file: file, line: row.line)
            let recipe = String(row.cells[0])
            guard !recipe.isEmpty else {
                throw position.error(.unexpectedValue("the line names no recipe", expected: "its path"))
            }
            let loss = try CellText.number(row.cells[1], .recipeLoss, at: position)
            guard loss > 0 else { throw position.error(.notPositive(String(row.cells[1]))) }
            lines.append(Line(recipe: recipe, loss: loss))
        }
        return lines
    }
}
