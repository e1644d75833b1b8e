/// Reads a file's bytes one after the other up to an end, with a window of them in memory.
package struct ByteReader {
    /// The most bytes that are read from the file at once.
    package static let windowLength = 1 << 16

    /// Where the bytes come from.
    package let source: ByteSource

    /// Where reading ends, the size of the file or less.
    package let end: Int

    /// The place in the file of the next byte.
    package private(set) var offset: Int

    private var window: [UInt8] = []
    private var windowOffset = 0

    /// Makes a reader of the bytes from an offset to an end.
    package init(_ source: ByteSource, from offset: Int = 0, to end: Int) {
        self.source = source
        self.end = min(end, source.byteCount)
        self.offset = offset
    }

    /// The number of bytes up to the end.
    package var remaining: Int { end - offset }

    /// The next byte, which stays the next one, or nil at the end.
    package mutating func peek() throws(FileError) -> UInt8? {
        let index = offset - windowOffset
        if index < window.count { return window[index] }
        guard offset < end else { return nil }
        window = try source.read(at: offset, upTo: min(Self.windowLength, remaining))
        windowOffset = offset
        return window.first
    }

    /// Moves over so many bytes, which must be there.
    package mutating func advance(by count: Int = 1) {
        offset += count
    }

    /// The bytes from the next one on that are in memory already, which may be none.
    ///
    /// What is read in one go from here, and passed over with ``advance(by:)``, costs far less than byte by byte.
    package var inMemory: ArraySlice<UInt8> {
        window[min(offset - windowOffset, window.count)...]
    }
}
