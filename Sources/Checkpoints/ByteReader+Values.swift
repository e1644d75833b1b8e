import Text

extension ByteReader {
    /// Passes over so many bytes.
    mutating func skip(_ count: UInt64, reading what: @autoclosure () -> String) throws(CheckpointError) {
        advance(by: try available(count, reading: what()))
    }

    /// Reads so many bytes.
    mutating func bytes(_ count: UInt64, reading what: @autoclosure () -> String) throws(CheckpointError)
        -> [UInt8]
    {
        let count = try available(count, reading: what())
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count, try next() != nil {
            let part = inMemory.prefix(count - bytes.count)
            bytes += part
            advance(by: part.count)
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
        let near = inMemory.prefix(count)
        if near.count == count {
            for (index, byte) in near.enumerated() {
                result |= Integer(truncatingIfNeeded: byte) << (8 * index)
            }
            advance(by: count)
            return result
        }
        for index in 0..<count {
            guard let byte = try next() else { break }
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

    /// The next byte, which stays the next one, or nil at the end.
    private mutating func next() throws(CheckpointError) -> UInt8? {
        do throws(FileError) {
            return try peek()
        } catch {
            throw .file(error)
        }
    }
}
