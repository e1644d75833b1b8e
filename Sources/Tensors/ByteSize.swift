/// A number of bytes, read from and written as people write sizes.
public struct ByteSize: Hashable, Sendable {
    /// The number of bytes.
    public let bytes: Int

    /// Makes a size of a number of bytes.
    public init(_ bytes: Int) {
        self.bytes = bytes
    }

    /// Reads a size such as `9GB`, `8.5GiB`, `900 MB` or `9000000000`.
    ///
    /// A number in decimal digits, with a point and more digits if wanted, then a unit, with spaces between if
    /// wanted. The units are B, kB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (powers of 1024), in capital
    /// or small letters; a whole number without a unit counts bytes. The result is exact, rounded down to whole
    /// bytes.
    ///
    /// - Throws: ``TensorError/unreadableSize(_:)``, ``TensorError/sizeWithoutUnit(_:)``,
    ///   ``TensorError/ambiguousUnit(_:letter:)`` for `8G`, ``TensorError/zeroSize(_:)``,
    ///   ``TensorError/negativeSize(_:)``, and ``TensorError/sizeTooLarge(_:)`` above `Int.max` bytes.
    public init(parsing text: String) throws(TensorError) {
        var rest = Array(text.utf8)[...]
        rest = rest.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }

        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        let hasFraction = rest.first == UInt8(ascii: ".")
        if hasFraction {
            rest.removeFirst()
            fraction = rest.prefix(while: isDigit)
            rest = rest.dropFirst(fraction.count)
        }
        guard !whole.isEmpty, hasFraction == !fraction.isEmpty else { throw .unreadableSize(text) }

        let unit = String(decoding: rest.drop(while: isSpace), as: UTF8.self)
        let scale = try Self.scale(ofUnit: unit, in: text)
        guard !isNegative else { throw .negativeSize(text) }
        guard !hasFraction || !unit.isEmpty else { throw .sizeWithoutUnit(text) }

        var bytes = 0
        for digit in whole {
            guard let next = multiply(bytes, by: 10, adding: Int(digit - UInt8(ascii: "0"))) else {
                throw .sizeTooLarge(text)
            }
            bytes = next
        }
        // Multiplying the fraction as on paper, from its last digit, leaves its whole bytes as the carry: exact,
        // however many digits there are. The carry stays below the scale, so nothing here can overflow.
        var carry = 0
        for digit in fraction.reversed() {
            carry = (Int(digit - UInt8(ascii: "0")) * scale + carry) / 10
        }
        guard let total = multiply(bytes, by: scale, adding: carry) else { throw .sizeTooLarge(text) }
        guard total > 0 else { throw .zeroSize(text) }
        self.bytes = total
    }

    private static func scale(ofUnit unit: String, in text: String) throws(TensorError) -> Int {
        switch unit.lowercased() {
        case "", "b": return 1
        case "kb": return 1_000
        case "mb": return 1_000_000
        case "gb": return 1_000_000_000
        case "tb": return 1_000_000_000_000
        case "kib": return 1 << 10
        case "mib": return 1 << 20
        case "gib": return 1 << 30
        case "tib": return 1 << 40
        case "k", "m", "g", "t": throw .ambiguousUnit(text, letter: unit.uppercased())
        default: throw .unreadableSize(text)
        }
    }
}

private func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
}

private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

/// The product and sum of numbers that are not negative, or nil beyond `Int.max`.
private func multiply(_ number: Int, by factor: Int, adding term: Int) -> Int? {
    let (product, productOverflow) = number.multipliedReportingOverflow(by: factor)
    let (sum, sumOverflow) = product.addingReportingOverflow(term)
    return productOverflow || sumOverflow ? nil : sum
}
