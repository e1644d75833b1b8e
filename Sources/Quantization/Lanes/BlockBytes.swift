/// The bytes of a row's blocks, one after the other, in memory that has room for all of them.
///
/// The room is checked in debug builds only: how many bytes a block has is a constant of its format.
@safe
struct BlockBytes {
    private let base: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    /// The number of bytes so far.
    private(set) var count = 0

    /// Creates an empty run; the caller keeps the memory alive for as long as it is used.
    init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
        // No row without bytes has blocks.
        unsafe base =
            memory.baseAddress
            ?? UnsafeMutablePointer(bitPattern: MemoryLayout<UInt8>.alignment)
            .unsafelyUnwrapped
        capacity = memory.count
    }

    /// Appends a byte.
    @inline(__always)
    mutating func append(_ byte: UInt8) {
        assert(count < capacity)
        unsafe base[count] = byte
        count += 1
    }

    /// Appends sixteen bytes.
    @inline(__always)
    mutating func append(_ bytes: SIMD16<UInt8>) {
        assert(count + 16 <= capacity)
        unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
        count += 16
    }

    /// Appends a float as a 16-bit one, which it is equal to.
    @inline(__always)
    mutating func append(half value: Float) {
        let bits = SmallFloat.binary16.bits(of: value)
        append(UInt8(truncatingIfNeeded: bits))
        append(UInt8(truncatingIfNeeded: bits >> 8))
    }
}
