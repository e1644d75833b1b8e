/// A number that was measured and may come out a little below zero, though what it measures cannot.
struct MeasuredValue {
    /// The number, 0 where it is below.
    let value: Double
    /// How far it was below zero, 0 where it was not.
    let depth: Double
    /// Whether it was below zero.
    var isBelowZero: Bool { depth > 0 }

    /// Reads a finite number, which may have a sign.
    init(_ text: Substring, at position: TextPosition) throws(SensitivityError) {
        guard text.utf8.first == UInt8(ascii: "-") else {
            value = try CellText.number(text, at: position)
            depth = 0
            return
        }
        do {
            depth = try CellText.number(text.dropFirst(), at: position)
            value = 0
        } catch {
            // The message must show the number with its sign.
            throw error.replacingCell(with: String(text))
        }
    }
}

extension SensitivityError {
    /// The same error about another text of a cell.
    fileprivate func replacingCell(with text: String) -> SensitivityError {
        guard case .badTable(let file, let line, let problem) = self else { return self }
        switch problem {
        case .notANumber: return .badTable(file: file, line: line, problem: .notANumber(text))
        case .outOfRange: return .badTable(file: file, line: line, problem: .outOfRange(text))
        default: return .badTable(file: file, line: line, problem: .unreadableNumber(text))
        }
    }
}
