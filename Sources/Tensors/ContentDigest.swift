/// A fingerprint of some content, by which an accidental change of it is noticed.
///
/// It is FNV-1a in 64 bits (Fowler, Noll and Vo, http://www.isthe.com/chongo/tech/comp/fnv), written as `fnv1a64:`
/// and 16 hexadecimal digits. It is fast and needs no library, and it is no protection: whoever wants to can make
/// other content with the same digest.
public struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Makes the digest of no content at all.
    public init() {}

    /// Adds bytes as they are, so that two updates and one of the same bytes give the same digest.
    public mutating func update(bytes: some Sequence<UInt8>) {
        for byte in bytes {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
    }

    /// Adds a text as one field: the number of its bytes in UTF-8, then the bytes, so that `ab` and `c` differ
    /// from `a` and `bc`.
    public mutating func update(field text: String) {
        update(field: text.utf8.count)
        update(bytes: text.utf8)
    }

    /// Adds an integer as one field: its eight bytes, the least significant first.
    public mutating func update(field integer: Int) {
        var rest = UInt64(bitPattern: Int64(integer))
        for _ in 0..<8 {
            update(bytes: CollectionOfOne(UInt8(truncatingIfNeeded: rest)))
            rest >>= 8
        }
    }

    /// The digest with the name of its algorithm, such as `fnv1a64:af63dc4c8601ec8c`.
    public var text: String {
        let digits = String(hash, radix: 16)
        return "fnv1a64:" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The digest's text, as ``text``.
    public var description: String { text }
}
