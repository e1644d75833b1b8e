/// Words that somebody may have meant who typed another one.
package enum Spelling {
    /// The most letters of a word that are looked at.
    private static let limit = 100

    /// Finds the word that is nearest to one that was typed, whatever the case of letters.
    ///
    /// - Parameters:
    ///   - typed: What was typed.
    ///   - words: What could have been.
    /// - Returns: The nearest word, of several the first; nil where none is so near that it was likely meant: one slip apart, or
    ///   two where the word has more than four letters.
    package static func nearest(to typed: String, in words: [String]) -> String? {
        guard typed.utf8.count <= limit else { return nil }
        let slips = words.map { (word: $0, count: distance(typed.lowercased(), $0.lowercased())) }
        guard let nearest = slips.min(by: { $0.count < $1.count }) else { return nil }
        return nearest.count <= (typed.utf8.count > 4 ? 2 : 1) ? nearest.word : nil
    }

    /// How many letters have to be put in, taken out or changed, or swapped with their neighbours, to make one word of another.
    ///
    /// That is the distance of optimal string alignment: Boytsov, "Indexing methods for approximate dictionary searching", 2011.
    static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first.utf8), Array(second.utf8))
        var rows = [Array(0...second.count)]
        for (index, letter) in first.enumerated() {
            var row = [index + 1]
            for (place, other) in second.enumerated() {
                var count = min(
                    rows[index][place] + (letter == other ? 0 : 1),
                    rows[index][place + 1] + 1,
                    row[place] + 1
                )
                if index > 0, place > 0, letter == second[place - 1], other == first[index - 1] {
                    count = min(count, rows[index - 1][place - 1] + 1)
                }
                row.append(count)
            }
            rows.append(row)
        }
        return rows[first.count][second.count]
    }
}
