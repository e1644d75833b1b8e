/// A fingerprint of a piece of a file, eight bytes at a time, by which an accidental change of it is noticed.
///
/// Four words are taken in side by side, as each has to wait for the one before it in its own line only.
struct PieceDigest: Hashable, Sendable {
    /// The fingerprint so far, of what was added as a whole.
    private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15
    /// The lines of bytes that come in runs.
    private var lines = Self.noLines
    /// The line that the next word belongs to.
    private var line = 0

    private static let noLines = SIMD4<UInt64>(1, 2, 3, 4)

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
        var index = 0
        while line != 0, index + 8 <= span.byteCount {
            add(span.unsafeWord(at: index))
            index += 8
        }
        var (first, second, third, fourth) = (lines[0], lines[1], lines[2], lines[3])
        while index + 32 <= span.byteCount {
            first = Self.mixed(first, span.unsafeWord(at: index))
            second = Self.mixed(second, span.unsafeWord(at: index + 8))
            third = Self.mixed(third, span.unsafeWord(at: index + 16))
            fourth = Self.mixed(fourth, span.unsafeWord(at: index + 24))
            index += 32
        }
        lines = SIMD4(first, second, third, fourth)
        while index + 8 <= span.byteCount {
            add(span.unsafeWord(at: index))
            index += 8
        }
        guard let count else { return }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index += 1
        }
        for line in 0..<4 { value = Self.mixed(value, lines[line]) }
        value = Self.mixed(Self.mixed(value, rest), UInt64(count))
        (lines, line) = (Self.noLines, 0)
    }

    /// Adds a word of a run to its line.
    private mutating func add(_ word: UInt64) {
        lines[line] = Self.mixed(lines[line], word)
        line = (line + 1) & 3
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
