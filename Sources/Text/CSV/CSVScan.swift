/// Finds the cells of one line of CSV in bytes that are UTF-8.
struct CSVScan {
    /// Where a cell stands, without its quotes and the blanks around it.
    struct Cell {
        var range: Range<Int>
        /// Whether quotes stand in it twice each.
        var hasQuotes = false
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let line: Int
    /// The place of the next byte: after ``row()``, of the next line.
    private(set) var position: Int

    init(bytes: UnsafeBufferPointer<UInt8>, position: Int, line: Int) {
        self.bytes = bytes
        self.position = position
        self.line = line
    }

    /// The cells up to the end of the line, which is passed over.
    ///
    /// - Parameter expectedCount: How many there may be, as in the line before.
    /// - Returns: Where they stand.
    /// - Throws: ``CSVDefect``.
    mutating func row(expectedCount: Int) throws(CSVDefect) -> [Cell] {
        var cells: [Cell] = []
        cells.reserveCapacity(expectedCount)
        while true {
            guard cells.count < CSVReader.cellLimit else {
                throw defect(.tooManyCells(limit: CSVReader.cellLimit))
            }
            skipBlanks()
            cells.append(byte == UInt8(ascii: "\"") ? try quotedCell() : try plainCell())
            switch byte {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "\r"):
                position += 1
                if byte == UInt8(ascii: "\n") { position += 1 }
                return cells
            case UInt8(ascii: "\n"):
                position += 1
                return cells
            default: return cells
            }
        }
    }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func defect(_ problem: CSVDefect.Problem) -> CSVDefect {
        CSVDefect(line: line, problem: problem)
    }

    private mutating func skipBlanks() {
        while let byte, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
    }

    /// The range without the blanks at its ends.
    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    private mutating func plainCell() throws(CSVDefect) -> Cell {
        let start = position
        while let byte {
            // Letters, digits, points and hyphens, which nearly all cells consist of.
            if byte > UInt8(ascii: ","), byte < 0x7F {
                position += 1
                continue
            }
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                return Cell(range: trimmed(start..<position))
            case UInt8(ascii: "\""): throw defect(.unbalancedQuote)
            case 0x20..<0x7F, 0x09: position += 1
            default: try skipUnusual(byte)
            }
        }
        return Cell(range: trimmed(start..<position))
    }

    private mutating func quotedCell() throws(CSVDefect) -> Cell {
        position += 1
        let start = position
        var hasQuotes = false
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                if self.byte == UInt8(ascii: "\"") {
                    hasQuotes = true
                    position += 1
                    continue
                }
                let range = trimmed(start..<position - 1)
                skipBlanks()
                switch self.byte {
                case nil, UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                    return Cell(range: range, hasQuotes: hasQuotes)
                default: throw defect(.unbalancedQuote)
                }
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): throw defect(.unbalancedQuote)
            case 0x20..<0x7F, 0x09: position += 1
            default: try skipUnusual(byte)
            }
        }
        throw defect(.unbalancedQuote)
    }

    /// Passes over a byte that is no printable ASCII, unless it is or begins a control character or the end of a line:
    /// U+0080 to U+009F are C2 and a byte below A0, U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
    private mutating func skipUnusual(_ byte: UInt8) throws(CSVDefect) {
        var control: UInt32?
        if byte < 0x20 || byte == 0x7F {
            control = UInt32(byte)
        } else if byte == 0xC2, position + 1 < bytes.count, bytes[position + 1] < 0xA0 {
            control = UInt32(bytes[position + 1])
        } else if byte == 0xE2, position + 2 < bytes.count, bytes[position + 1] == 0x80,
            bytes[position + 2] | 1 == 0xA9
        {
            control = bytes[position + 2] == 0xA8 ? 0x2028 : 0x2029
        }
        if let control { throw defect(.controlCharacter(control)) }
        position += 1
    }
}
