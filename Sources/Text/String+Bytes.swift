extension String {
    /// Whether another text stands in this one, byte for byte, as programs written in C compare names.
    ///
    /// Plans ask it of every tensor's name for dozens of parts, for which a search by characters takes many times as long.
    package func hasBytes(of part: String) -> Bool {
        let found = utf8.withContiguousStorageIfAvailable { own in
            part.utf8.withContiguousStorageIfAvailable { own.has($0) }
        }
        return (found ?? nil) ?? contains(part)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether some bytes stand in these, one after the other.
    fileprivate func has(_ part: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = part.first else { return true }
        guard count >= part.count else { return false }
        for start in 0...(count - part.count) where self[start] == first {
            var length = 1
            while length < part.count, self[start + length] == part[length] { length += 1 }
            if length == part.count { return true }
        }
        return false
    }
}
