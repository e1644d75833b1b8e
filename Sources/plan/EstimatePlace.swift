import Recipes
import Tensors
import Text

/// Where the impact table of `plan estimate` goes.
struct EstimatePlace {
    /// What the name of the file begins with where the user names none.
    let stem: String
    /// The file that the user names.
    let table: OutputFile?
    /// What the command reads and writes.
    let outputs: OutputFiles

    /// Writes the table.
    ///
    /// Where the user names no file, no other table is written over: the new one has a digest in its name.
    ///
    /// - Parameters:
    ///   - csv: The table.
    ///   - isAnswer: Whether the table is all that the command is asked for.
    /// - Returns: The file it was written to.
    /// - Throws: ``Failure`` and `RecipeError.cannotWrite`.
    func write(_ csv: String, isAnswer: Bool) throws -> String {
        if let table {
            try table.write(csv, isAnswer: isAnswer)
            return table.path
        }
        let first = stem + "-impacts.csv"
        var outputs = outputs
        if !InputFile.exists(first) || Self.holds(first, csv) {
            try outputs.claim(first, for: .impactTable).write(csv, isAnswer: isAnswer)
            return first
        }
        var digest = ContentDigest()
        digest.update(bytes: csv.utf8)
        let second = "\(stem)-\(digest.text.suffix(8))-impacts.csv"
        try outputs.claim(second, for: .impactTable).write(csv, isAnswer: isAnswer)
        Console.note("\(first) stays, as it is another table; this one goes to \(second)")
        return second
    }

    private static func holds(_ path: String, _ text: String) -> Bool {
        (try? InputFile.bytes(at: path, limit: text.utf8.count)) == Array(text.utf8)
    }
}
