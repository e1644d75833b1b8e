/// A digest of a table's content: FNV-1a with 64 bits.
///
/// Every item is preceded by its length, so that moving a letter from one name to the next changes the
/// digest. The offset basis and the prime are those of Fowler, Noll and Vo. It tells accidental change, not
/// forgery.
struct TableDigest {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The digest as text, which names the algorithm.
    var text: String {
        let digits = String(state, radix: 16)
        return "fnv1a64:" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Adds a text: the number of its UTF-8 bytes, then the bytes.
    mutating func update(_ string: String) {
        update(string.utf8.count)
        for byte in string.utf8 {
            update(byte)
        }
    }

    /// Adds an integer: its eight bytes, the lowest first.
    mutating func update(_ integer: Int) {
        var rest = UInt64(truncatingIfNeeded: integer)
        for _ in 0..<8 {
            update(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    private mutating func update(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
    }
}
