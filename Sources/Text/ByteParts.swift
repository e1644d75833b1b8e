/// Several texts that names are searched for, sorted so that one pass over a name finds any of them.
package struct ByteParts: Hashable, Sendable {
    /// The bytes of the texts, those that begin with the same byte one after the other.
    fileprivate let parts: [[UInt8]]
    /// Where the texts begin that begin with a byte, for every byte; one more element than there are bytes.
    fileprivate let firsts: [Int]

    /// Takes the texts.
    package init(_ texts: [String]) {
        parts = texts.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        var firsts = [Int](repeating: 0, count: 257)
        // A text without bytes stands in every name; it is sorted before all others.
        firsts[0] = parts.count(where: \.isEmpty)
        for byte in 0..<256 { firsts[byte + 1] = firsts[byte] + parts.count { $0.first == UInt8(byte) } }
        self.firsts = firsts
    }
}

extension String {
    /// Whether any of some other texts stands in this one, byte for byte, as ``hasBytes(of:)`` tells of one.
    package func hasBytes(ofAny searched: ByteParts) -> Bool {
        let found = utf8.withContiguousStorageIfAvailable { bytes in
            if searched.firsts[0] > 0 { return true }
            for start in bytes.indices {
                let byte = Int(bytes[start])
                for index in searched.firsts[byte]..<searched.firsts[byte + 1] {
                    let part = searched.parts[index]
                    guard part.count <= bytes.count - start else { continue }
                    var length = 1
                    while length < part.count, bytes[start + length] == part[length] { length += 1 }
                    if length == part.count { return true }
                }
            }
            return false
        }
        if let found { return found }
        var contiguous = self
        contiguous.makeContiguousUTF8()
        return contiguous.hasBytes(ofAny: searched)
    }
}
