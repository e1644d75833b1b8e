/// Reads a file's bytes one after the other up to an end, with a window of them in memory.
struct ByteReader {
    /// The most bytes that are read from the file at once.
    static let windowLength = 1 << 16

    let source: ByteSource

    /// Where reading ends, the size of the file or less.
    let end: Int

    /// The place in the file of the next byte.
    private(set) var offset: Int

    private var window: [UInt8] = []
    private var windowOffset = 0

    /// Makes a reader of the bytes from an offset to an end.
    init(_ source: ByteSource, from offset: Int = 0, to end: Int) {
        self.source = source
        self.end = min(end, source.byteCount)
        self.offset = offset
    }

    /// The number of bytes up to the end.
    var remaining: Int { end - offset }

    /// The next byte, which stays the next one, or nil at the end.
    mutating func peek() throws(CheckpointError) -> UInt8? {
        let index = offset - windowOffset
        if index < window.count { return window[index] }
        guard offset < end else { return nil }
        window = try source.read(at: offset, upTo: min(Self.windowLength, remaining))
        windowOffset = offset
        return window.first
    }

    /// Moves to the byte after the next, which must be there.
    mutating func advance() {
        offset += 1
    }

    /// The bytes from the next one on that are in memory already, which may be none.
    ///
    /// What is read in one go from here, and passed over with ``advance(by:)``, costs far less than byte by byte.
    var inMemory: ArraySlice<UInt8> {
        window[min(offset - windowOffset, window.count)...]
    }

    /// Moves over so many bytes, which must be in memory.
    mutating func advance(by count: Int) {
        offset += count
    }

    /// Passes over so many bytes.
    mutating func skip(_ count: UInt64, reading what: @autoclosure () -> String) throws(CheckpointError) {
        offset += try available(count, reading: what())
    }

    /// Reads so many bytes.
    mutating func bytes(_ count: UInt64, reading what: @autoclosure () -> String) throws(CheckpointError)
        -> [UInt8]
    {
        let count = try available(count, reading: what())
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count, try peek() != nil {
            let index = offset - windowOffset
            let part = window[index...].prefix(count - bytes.count)
            bytes += part
            offset += part.count
        }
        return bytes
    }

    /// Reads an integer, its least significant byte first.
    mutating func integer<Integer: FixedWidthInteger>(
        _ type: Integer.Type,
        reading what: @autoclosure () -> String
    ) throws(CheckpointError) -> Integer {
        let count = try available(UInt64(Integer.bitWidth / 8), reading: what())
        var result: Integer = 0
        let near = offset - windowOffset
        if near + count <= window.count {
            for index in 0..<count {
                result |= Integer(truncatingIfNeeded: window[near + index]) << (8 * index)
            }
            offset += count
            return result
        }
        for index in 0..<count {
            guard let byte = try peek() else { break }
            result |= Integer(truncatingIfNeeded: byte) << (8 * index)
            advance()
        }
        return result
    }

    /// The number as one of bytes that are there.
    func available(_ count: UInt64, reading what: @autoclosure () -> String) throws(CheckpointError) -> Int {
        guard count <= remaining else {
            // The header is over its limit, or the file is cut off.
            let defect: FileDefect =
                end < source.byteCount
                ? .headerTooLong(limit: end)
                : .headerEndsEarly(reading: what(), missing: count - UInt64(remaining))
            throw source.defect(defect, at: offset)
        }
        return Int(count)
    }
}
