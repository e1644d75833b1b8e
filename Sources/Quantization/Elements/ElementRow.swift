/// A format that stores every element by itself.
protocol ElementFormat: SendableMetatype {
    /// The number of bytes of an element.
    static var bytes: Int { get }
    /// The values that finite elements are cast to.
    static func rounded(_ elements: FourFloats) -> FourFloats
    /// The bits of a value that ``rounded(_:)`` gave.
    static func bits(of value: Float) -> UInt32
    /// The values that bits stand for; those above the format's own are zero.
    static func values(ofBits bits: SIMD4<UInt32>) -> FourFloats
}

/// Casts rows to a format of single elements.
enum ElementRow<Format: ElementFormat> {
    /// The row's squared errors.
    static func squaredErrors(_ memory: RowMemory) -> SquaredErrors {
        var plain = SIMD4<Double>.zero
        var weighted = SIMD4<Double>.zero
        var index = 0
        while index + 4 <= memory.count {
            let errors = errors(memory.elements(index))
            plain += errors
            weighted += errors * SIMD4<Double>(memory.weights(index))
            index += 4
        }
        while index < memory.count {
            let errors = errors(FourFloats(memory.element(index), 0, 0, 0))
            plain += errors
            weighted += errors * Double(memory.weight(index))
            index += 1
        }
        return SquaredErrors(
            plain: (plain[0] + plain[1]) + (plain[2] + plain[3]),
            weighted: (weighted[0] + weighted[1]) + (weighted[2] + weighted[3])
        )
    }

    @inline(__always)
    private static func errors(_ elements: FourFloats) -> SIMD4<Double> {
        let difference = SIMD4<Double>(elements) - SIMD4<Double>(Format.rounded(elements))
        return difference * difference
    }

    /// The row's bytes.
    static func encode(_ memory: RowMemory) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(memory.count * Format.bytes)
        for index in 0..<memory.count {
            let bits = Format.bits(of: Format.rounded(FourFloats(repeating: memory.element(index)))[0])
            for byte in 0..<Format.bytes {
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(8 * byte)))
            }
        }
        return bytes
    }

    /// The values of a row's bytes.
    static func decode(_ bytes: Span<UInt8>, count: Int) -> [Float] {
        unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            unsafe decode(bytes.bytes, into: buffer)
            initializedCount = count
        }
    }

    /// Stores the values of little-endian bytes, which are as many as the buffer has elements.
    static func decode(_ bytes: RawSpan, into buffer: UnsafeMutableBufferPointer<Float>) {
        var index = 0
        // Every read ends within the bytes, as they are `Format.bytes` for each element.
        precondition(bytes.byteCount == buffer.count * Format.bytes)
        while index + 4 <= buffer.count {
            let values = Format.values(ofBits: fourBits(bytes, at: index))
            unsafe UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped + index)
                .storeBytes(of: values, as: FourFloats.self)
            index += 4
        }
        while index < buffer.count {
            var bits: UInt32 = 0
            for byte in 0..<Format.bytes {
                let value = unsafe bytes.unsafeLoad(
                    fromUncheckedByteOffset: index * Format.bytes + byte,
                    as: UInt8.self
                )
                bits |= UInt32(value) << UInt32(8 * byte)
            }
            unsafe buffer[index] = Format.values(ofBits: SIMD4(repeating: bits))[0]
            index += 1
        }
    }

    /// The bits of four elements from one on.
    @inline(__always)
    private static func fourBits(_ bytes: RawSpan, at element: Int) -> SIMD4<UInt32> {
        let offset = element * Format.bytes
        switch Format.bytes {
        case 1:
            return SIMD4(truncatingIfNeeded: load(bytes, at: offset, as: SIMD4<UInt8>.self))
        case 2:
            return SIMD4(truncatingIfNeeded: load(bytes, at: offset, as: SIMD4<UInt16>.self))
        default:
            return load(bytes, at: offset, as: SIMD4<UInt32>.self)
        }
    }

    @inline(__always)
    private static func load<Vector: BitwiseCopyable>(_ bytes: RawSpan, at offset: Int, as type: Vector.Type)
        -> Vector
    {
        // Every bit pattern is a value of the three vectors of integers.
        unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: type)
    }
}
