/// A fingerprint of a piece of a file, eight bytes at a time, by which an accidental change of it is noticed.
struct PieceDigest: Hashable, Sendable {
    /// The fingerprint so far.
    private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Adds bytes; the last of them are filled up with zeros to eight, and their number is added too.
    mutating func update(_ bytes: [UInt8]) {
        update(run: bytes, endingAt: bytes.count)
    }

    /// Adds bytes that come in runs, as ``update(_:)`` adds them all at once.
    ///
    /// - Precondition: Every run but the last has a whole number of eights.
    ///
    /// - Parameters:
    ///   - bytes: The run.
    ///   - count: For the last run, the number of bytes of all runs together, and nil for the others.
    mutating func update(run bytes: [UInt8], endingAt count: Int?) {
        precondition(count != nil || bytes.count.isMultiple(of: 8))
        let span = bytes.span.bytes
        var hash = value
        var index = 0
        while index + 8 <= span.byteCount {
            hash = Self.mixed(hash, span.unsafeWord(at: index))
            index += 8
        }
        value = hash
        guard let count else { return }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index += 1
        }
        value = Self.mixed(Self.mixed(hash, rest), UInt64(count))
    }

    /// Adds a number.
    mutating func update(_ number: UInt64) {
        value = Self.mixed(value, number)
    }

    /// The fingerprint as 16 hexadecimal digits.
    var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The multiplier of SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014).
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0xBF58_476D_1CE4_E5B9
        return product ^ (product >> 29)
    }
}

extension RawSpan {
    /// The eight bytes from an offset on, which must be there, as a number.
    fileprivate func unsafeWord(at offset: Int) -> UInt64 {
        // Every bit pattern is a number.
        UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
