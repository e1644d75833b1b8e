import Text

/// Reading the text of a cell.
enum CellText {
    /// A text without spaces, tabs and carriage returns at its ends.
    static func trimmed(_ text: Substring) -> Substring {
        // Bytes and not characters, as the built-in page is read whenever the program starts.
        let isBlank = { (byte: UInt8) in
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
        }
        guard let first = text.utf8.firstIndex(where: { !isBlank($0) }),
            let last = text.utf8.lastIndex(where: { !isBlank($0) })
        else { return text[text.endIndex...] }
        return text[first...last]
    }

    /// An impact, or what forbids one: nothing or `inf`, `+inf`, `infinity`, `+infinity` in any case.
    ///
    /// `-0` is zero.
    static func impact(_ cell: Substring, at position: TextPosition) throws(SensitivityError) -> ImpactCell {
        if cell.isEmpty { return .forbidden(.blank) }
        // Nearly every cell is a plain number, and a zero may be one that is too small.
        if let value = cell.utf8.withContiguousStorageIfAvailable(DecimalNumber.value) ?? nil, value > 0 {
            return .impact(value)
        }
        guard isDecimal(cell) else {
            switch cell.lowercased() {
            case "inf", "+inf", "infinity", "+infinity": return .forbidden(.infinite)
            default:
                // Nothing and inf have a meaning here, which the sentence says.
                return .impact(try number(cell, at: position, unreadable: TableProblem.unreadableCell))
            }
        }
        let value = try value(ofDecimal: cell, at: position)
        guard value >= 0 else { throw position.error(.negative(String(cell))) }
        return .impact(value)
    }

    /// A finite number that is not negative, to its last digit.
    ///
    /// - Parameters:
    ///   - cell: The text.
    ///   - position: Its line.
    ///   - unreadable: What is wrong with a text that is no number.
    /// - Returns: The number.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    static func number(
        _ cell: Substring,
        at position: TextPosition,
        unreadable: (String) -> TableProblem = TableProblem.unreadableNumber
    ) throws(SensitivityError) -> Double {
        switch cell.lowercased() {
        case "-inf", "-infinity": throw position.error(.negative(String(cell)))
        default: break
        }
        let value = try signedNumber(cell, at: position, unreadable: unreadable)
        guard value >= 0 else { throw position.error(.negative(String(cell))) }
        return value
    }

    /// A finite number that is no impact: a loss, which may be negative, or a number from 0 up.
    ///
    /// - Parameters:
    ///   - cell: The cell.
    ///   - use: What the number is.
    ///   - position: Where the cell stands.
    /// - Returns: The number.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` with what helps for such a number.
    static func number(
        _ cell: Substring,
        _ use: NumberUse,
        at position: TextPosition
    ) throws(SensitivityError) -> Double {
        do throws(SensitivityError) {
            return try use == .loss ? signedNumber(cell, at: position) : number(cell, at: position)
        } catch {
            guard case .badTable(let file, let line, let problem) = error else { throw error }
            throw .badTable(file: file, line: line, problem: problem.of(use))
        }
    }

    /// A finite number of either sign, to its last digit; `-0` is zero.
    static func signedNumber(
        _ cell: Substring,
        at position: TextPosition,
        unreadable: (String) -> TableProblem = TableProblem.unreadableNumber
    ) throws(SensitivityError) -> Double {
        guard isDecimal(cell) else {
            switch cell.lowercased() {
            case "nan", "+nan", "-nan": throw position.error(.notANumber(String(cell)))
            default:
                let pointed = cell.replacing(",", with: ".")
                throw position.error(
                    isDecimal(pointed) && cell.contains(",")
                        ? .decimalComma(String(cell)) : unreadable(String(cell))
                )
            }
        }
        return try value(ofDecimal: cell, at: position)
    }

    /// The finite number that a text of digits stands for; `-0` is zero.
    private static func value(
        ofDecimal cell: Substring,
        at position: TextPosition
    ) throws(SensitivityError) -> Double {
        guard let value = Double(cell) else { throw position.error(.unreadableNumber(String(cell))) }
        // A number that is not zero but reads as zero would make a costly cast free.
        if value == 0, hasNonzeroDigit(cell) { throw position.error(.outOfRange(String(cell))) }
        guard value.isFinite else {
            throw position.error(value < 0 ? .negative(String(cell)) : .outOfRange(String(cell)))
        }
        return value == 0 ? 0 : value
    }

    /// A value with its spread, `33.0890 +/- 3.7874`.
    static func measurement(
        _ cell: Substring,
        at position: TextPosition
    ) throws(SensitivityError) -> Measurement {
        let bytes = cell.utf8
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")), slash > bytes.startIndex else {
            throw position.error(.unreadableNumber(String(cell)))
        }
        let plus = bytes.index(before: slash)
        let minus = bytes.index(after: slash)
        guard minus < bytes.endIndex, bytes[plus] == UInt8(ascii: "+"), bytes[minus] == UInt8(ascii: "-")
        else {
            throw position.error(.unreadableNumber(String(cell)))
        }
        return Measurement(
            mean: try number(trimmed(cell[..<plus]), at: position),
            spread: try number(trimmed(cell[bytes.index(after: minus)...]), at: position)
        )
    }

    /// A whole number without a sign, or nil.
    static func index(_ cell: Substring) -> Int? {
        guard cell.utf8.allSatisfy({ isDigit($0) }) else { return nil }
        return Int(cell)
    }

    /// Whether a text is a decimal number: digits with at most one point and an exponent.
    ///
    /// `Double.init` takes more than a table should have, such as `0x1p3` and `nan(7)`.
    private static func isDecimal(_ text: Substring) -> Bool {
        // A table has up to ten million cells, so its bytes are looked at where they lie.
        text.utf8.withContiguousStorageIfAvailable(isDecimal)
            ?? Array(text.utf8).withUnsafeBufferPointer(isDecimal)
    }

    private static func isDecimal(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var place = 0
        func skipSign() {
            if place < bytes.count, bytes[place] == UInt8(ascii: "-") || bytes[place] == UInt8(ascii: "+") {
                place += 1
            }
        }
        func skipDigits() -> Int {
            let start = place
            while place < bytes.count, isDigit(bytes[place]) { place += 1 }
            return place - start
        }
        skipSign()
        var digits = skipDigits()
        if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            digits += skipDigits()
        }
        guard digits > 0 else { return false }
        if place < bytes.count, bytes[place] == UInt8(ascii: "e") || bytes[place] == UInt8(ascii: "E") {
            place += 1
            skipSign()
            guard skipDigits() > 0 else { return false }
        }
        return place == bytes.count
    }

    private static func hasNonzeroDigit(_ number: Substring) -> Bool {
        for byte in number.utf8 {
            if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") { return false }
            if isDigit(byte), byte != UInt8(ascii: "0") { return true }
        }
        return false
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
