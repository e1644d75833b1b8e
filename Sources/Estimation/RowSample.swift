import Sensitivity

/// The rows of a tensor that are measured.
enum RowSample {
    /// Fewer rows have no spread, and so no standard error.
    private static let fewest = 2

    /// Draws rows without replacement, in order.
    ///
    /// Selection sampling (Fan, Muller and Rezucha 1962; Knuth, The Art of Computer Programming, volume 2, algorithm S).
    /// Which rows are drawn depends on the seed and on the tensor's position in its model alone, so that a model may be
    /// measured in parts.
    ///
    /// - Returns: All rows for a share of 1; otherwise the share of them rounded up, and at least two.
    static func rows(of rowCount: Int, share: Double, seed: UInt64, tensor: Int) -> [Int] {
        let wanted = min(rowCount, max(fewest, Int((share * Double(rowCount)).rounded(.up))))
        guard wanted < rowCount else { return Array(0..<rowCount) }
        var random = SeededNumbers(seed: seed, sequence: UInt64(tensor))
        var rows: [Int] = []
        rows.reserveCapacity(wanted)
        for row in 0..<rowCount
        where random.uniform() * Double(rowCount - row) < Double(wanted - rows.count) {
            rows.append(row)
        }
        return rows
    }

    /// Splits rows into pieces of work, each of about so many bytes and in order.
    static func pieces(of rows: [Int], rowBytes: Int, pieceBytes: Int) -> [ArraySlice<Int>] {
        let count = max(1, pieceBytes / max(1, rowBytes))
        return stride(from: 0, to: rows.count, by: count).map { rows[$0..<min($0 + count, rows.count)] }
    }

    /// The runs of neighbouring rows in a piece, each of which is read at once.
    static func runs(in piece: ArraySlice<Int>) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for row in piece {
            if let last = runs.last, last.upperBound == row {
                runs[runs.count - 1] = last.lowerBound..<row + 1
            } else {
                runs.append(row..<row + 1)
            }
        }
        return runs
    }
}
