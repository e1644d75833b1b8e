import Tensors

/// A limit on the whole finished file, as a person states it.
public enum Budget: Hashable, Sendable {
    /// So many bytes: `9GB`, `8.5GiB`, `9000000000`.
    case bytes(Int)
    /// So many bits of file per parameter of the model, in millionths: `6.5bpw`.
    case microbitsPerWeight(Int)
    /// So many millionths of the file with every layer in the source format: `40%`.
    case millionthsOfSource(Int)

    /// Reads a budget.
    ///
    /// - Throws: ``PlanningError/unreadableBudget(_:reason:)`` for anything that is not a size, a number of bits per
    ///   weight or a percentage; for zero, negative numbers, sizes of 2⁶³ bytes and more, and
    ///   numbers below 1,000 without a unit.
    public init(parsing text: String) throws(PlanningError) {
        let lower = text.drop(while: \.isWhitespace).trimmingSuffix(while: \.isWhitespace).lowercased()
        if lower.hasSuffix("bpw") {
            self = .microbitsPerWeight(try Self.millionths(lower.dropLast(3), of: text))
        } else if lower.hasSuffix("%") {
            // A hundredth of a percent is a whole number of millionths.
            let millionths = try Self.millionths(lower.dropLast(1), of: text)
            guard millionths >= 100 else {
                throw .unreadableBudget(text, reason: "it is smaller than 0.0001%")
            }
            self = .millionthsOfSource(millionths / 100)
        } else {
            // No file of a model is so small, and a number alone is mostly one of GB.
            if let number = Int(lower), 1..<Self.leastBytes ~= number {
                throw .unreadableBudget(
                    text,
                    reason: "it is \(number) bytes; write a unit behind it, such as \(number)GB or \(number)%"
                )
            }
            do throws(TensorError) {
                self = .bytes(try ByteSize(parsing: text).bytes)
            } catch .unreadableSize {
                throw .unreadableBudget(text, reason: Self.examples)
            } catch {
                throw .unreadableBudget(text, reason: error.description)
            }
        }
    }

    /// The budget in bytes for a model.
    ///
    /// - Parameters:
    ///   - parameters: The model's parameters.
    ///   - sourceBytes: The size of the file with every layer in the source format.
    /// - Returns: Whole bytes, rounded down; at most `Int.max`.
    public func bytes(parameters: Int, sourceBytes: Int) -> Int {
        switch self {
        case .bytes(let bytes): bytes
        case .microbitsPerWeight(let microbits): Self.scaled(parameters, by: microbits, over: 8_000_000)
        case .millionthsOfSource(let millionths): Self.scaled(sourceBytes, by: millionths, over: 1_000_000)
        }
    }

    /// The least number of bytes that is taken for one without its unit.
    private static let leastBytes = 1_000

    private static let examples = "write it like 9GB, 8.5GiB, 9000000000, 6.5bpw or 40%"

    private static func scaled(_ number: Int, by factor: Int, over divisor: Int) -> Int {
        let product = UInt(max(0, number)).multipliedFullWidth(by: UInt(max(0, factor)))
        guard product.high < UInt(divisor) else { return .max }
        let quotient = UInt(divisor).dividingFullWidth(product).quotient
        return Int(clamping: quotient)
    }

    /// A decimal number with at most six digits after the point, in millionths.
    private static func millionths(
        _ digits: some StringProtocol,
        of text: String
    ) throws(PlanningError) -> Int {
        let parts = digits.drop(while: \.isWhitespace).split(separator: ".", omittingEmptySubsequences: false)
        let number = parts.first.map { $0.trimmingSuffix(while: \.isWhitespace) } ?? ""
        let fraction = parts.count > 1 ? parts[1].trimmingSuffix(while: \.isWhitespace) : "0"
        guard parts.count <= 2, isDecimal(number), isDecimal(fraction) else {
            throw .unreadableBudget(text, reason: Self.examples)
        }
        guard fraction.count <= 6 else {
            throw .unreadableBudget(text, reason: "it has more than six digits behind its point")
        }
        let padded = number + fraction + String(repeating: "0", count: 6 - fraction.count)
        guard let value = Int(padded), value <= 1_000_000_000_000 else {
            throw .unreadableBudget(text, reason: "it is larger than any model")
        }
        guard value > 0 else {
            throw .unreadableBudget(text, reason: "it is zero")
        }
        return value
    }

    private static func isDecimal(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
}

extension StringProtocol {
    /// The text without the characters at its end that satisfy the predicate.
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = String(self)
        while let last = text.last, predicate(last) {
            text.removeLast()
        }
        return text
    }
}
