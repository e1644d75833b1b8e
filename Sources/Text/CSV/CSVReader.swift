/// Reads the rows of a CSV text one after the other.
///
/// Cells are separated by commas and rows by line feeds, carriage returns or both. A quoted cell begins and ends with a
/// quote and has those in it doubled (RFC 4180, section 2); it ends in the line it begins in, as no name has a line
/// ending. Blanks around cells do not count. Control characters are refused, as they make the cells of a line uncertain.
package struct CSVReader {
    /// The most cells of a line.
    package static let cellLimit = 1_000_000

    private let text: String
    private var position: String.Index
    private var line = 0
    /// The number of cells of the line before.
    private var cellCount = 0

    /// Reads a text from its beginning.
    package init(_ text: String) {
        var text = text
        // Indices of a text in native storage are counted in bytes.
        text.makeContiguousUTF8()
        self.text = text
        position = text.startIndex
    }

    /// The next row, or nil after the last.
    ///
    /// - Throws: ``CSVDefect``.
    package mutating func next() throws(CSVDefect) -> CSVRow? {
        guard position < text.endIndex else { return nil }
        line += 1
        let start = text.utf8.distance(from: text.startIndex, to: position)
        let scanned: Result<(cells: [CSVScan.Cell], end: Int), CSVDefect>? =
            text.utf8.withContiguousStorageIfAvailable { bytes in
                var scan = CSVScan(bytes: bytes, position: start, line: line)
                do throws(CSVDefect) {
                    return .success((try scan.row(expectedCount: cellCount), scan.position))
                } catch {
                    return .failure(error)
                }
            }
        guard let (scannedCells, end) = try scanned?.get() else { return nil }
        var cells: [Substring] = []
        cells.reserveCapacity(scannedCells.count)
        // Each index is found from the one before, which is exact and takes no time in native storage.
        for cell in scannedCells {
            let lower = text.utf8.index(text.startIndex, offsetBy: cell.range.lowerBound)
            let upper = text.utf8.index(text.startIndex, offsetBy: cell.range.upperBound)
            let content = text[lower..<upper]
            cells.append(cell.hasQuotes ? content.withSingleQuotes : content)
        }
        position = text.utf8.index(text.startIndex, offsetBy: end)
        cellCount = cells.count
        return CSVRow(line: line, cells: cells)
    }
}

extension Substring {
    /// The text of a quoted cell, in which a doubled quote stands for one.
    fileprivate var withSingleQuotes: Substring {
        var result = ""
        var isDoubled = false
        for scalar in unicodeScalars {
            // The first quote of two is left out.
            isDoubled = scalar == "\"" && !isDoubled
            if !isDoubled { result.unicodeScalars.append(scalar) }
        }
        return result[...]
    }
}
