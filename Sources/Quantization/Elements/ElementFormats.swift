/// 32-bit floats, which nothing is lost in.
enum Binary32Elements: ElementFormat {
    static var bytes: Int { 4 }

    @inline(__always)
    static func rounded(_ elements: FourFloats) -> FourFloats { elements }

    static func bits(of value: Float) -> UInt32 { value.bitPattern }

    @inline(__always)
    static func values(ofBits bits: SIMD4<UInt32>) -> FourFloats { FourFloats(bits: bits) }
}

/// The upper halves of 32-bit floats, rounded to nearest, ties to even; what is beyond the largest becomes infinite.
enum BrainElements: ElementFormat {
    static var bytes: Int { 2 }

    @inline(__always)
    static func rounded(_ elements: FourFloats) -> FourFloats {
        let bits = elements.bits
        return FourFloats(bits: (bits &+ 0x7FFF &+ ((bits &>> 16) & 1)) & 0xFFFF_0000)
    }

    static func bits(of value: Float) -> UInt32 { value.bitPattern >> 16 }

    @inline(__always)
    static func values(ofBits bits: SIMD4<UInt32>) -> FourFloats { FourFloats(bits: bits &<< 16) }
}

/// IEEE binary16.
enum Binary16Elements: ElementFormat {
    static var bytes: Int { 2 }

    @inline(__always)
    static func rounded(_ elements: FourFloats) -> FourFloats { SmallFloat.binary16.rounded(elements) }

    static func bits(of value: Float) -> UInt32 { SmallFloat.binary16.bits(of: value) }

    @inline(__always)
    static func values(ofBits bits: SIMD4<UInt32>) -> FourFloats { SmallFloat.binary16.values(ofBits: bits) }
}

/// 8-bit floats with 4 exponent bits.
enum E4M3FNElements: ElementFormat {
    static var bytes: Int { 1 }

    @inline(__always)
    static func rounded(_ elements: FourFloats) -> FourFloats { SmallFloat.e4m3fn.rounded(elements) }

    static func bits(of value: Float) -> UInt32 { SmallFloat.e4m3fn.bits(of: value) }

    @inline(__always)
    static func values(ofBits bits: SIMD4<UInt32>) -> FourFloats { SmallFloat.e4m3fn.values(ofBits: bits) }
}

/// 8-bit floats with 5 exponent bits.
enum E5M2Elements: ElementFormat {
    static var bytes: Int { 1 }

    @inline(__always)
    static func rounded(_ elements: FourFloats) -> FourFloats { SmallFloat.e5m2.rounded(elements) }

    static func bits(of value: Float) -> UInt32 { SmallFloat.e5m2.bits(of: value) }

    @inline(__always)
    static func values(ofBits bits: SIMD4<UInt32>) -> FourFloats { SmallFloat.e5m2.values(ofBits: bits) }
}
