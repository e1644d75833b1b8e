/// A row's weights and what each one's squared error weighs, checked to be of the same length.
///
/// Indices are checked in debug builds only; every use counts them against `count`.
@safe
struct RowMemory {
    /// The number of elements.
    let count: Int
    private let row: UnsafePointer<Float>
    private let importance: UnsafePointer<Float>?
    private let weights: UnsafePointer<Float>?

    /// Runs the body with the memory of a row, of its importance and of the weights of its errors, which are as many, if
    /// there are any.
    @inline(__always)
    static func with<Result>(
        _ row: Span<Float>,
        importance: Span<Float>?,
        weights: Span<Float>?,
        _ body: (RowMemory) -> Result
    ) -> Result {
        unsafe row.withUnsafeBufferPointer { row in
            unsafe withBuffer(importance) { importance in
                unsafe withBuffer(weights) { weights in
                    unsafe body(RowMemory(row: row, importance: importance, weights: weights))
                }
            }
        }
    }

    @inline(__always)
    private static func withBuffer<Result>(
        _ span: Span<Float>?,
        _ body: (UnsafeBufferPointer<Float>?) -> Result
    ) -> Result {
        guard let span else { return body(nil) }
        return unsafe span.withUnsafeBufferPointer { unsafe body($0) }
    }

    private init(
        row: UnsafeBufferPointer<Float>,
        importance: UnsafeBufferPointer<Float>?,
        weights: UnsafeBufferPointer<Float>?
    ) {
        count = row.count
        // An empty row may have no address; nothing is read from it then.
        unsafe self.row =
            row.baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<Float>.alignment).unsafelyUnwrapped
        unsafe self.importance = importance?.baseAddress
        unsafe self.weights = weights?.baseAddress
    }

    /// Whether there is importance, which encoders look at.
    @inline(__always)
    var hasImportance: Bool { unsafe importance != nil }

    /// Whether there are weights of errors.
    @inline(__always)
    var hasWeights: Bool { unsafe weights != nil }

    /// Whether errors are weighted by the importance itself.
    @inline(__always)
    var weighsByImportance: Bool { unsafe weights != nil && weights == importance }

    /// An element of the row.
    @inline(__always)
    func element(_ index: Int) -> Float {
        assert(index >= 0 && index < count)
        return unsafe row[index]
    }

    /// The weight of an element's error, 1 where there are none.
    @inline(__always)
    func weight(_ index: Int) -> Float {
        assert(index >= 0 && index < count)
        return unsafe weights?[index] ?? 1
    }

    /// Four elements from an index on.
    @inline(__always)
    func elements(_ index: Int) -> FourFloats {
        assert(index >= 0 && index + 4 <= count)
        return unsafe Self.load(row + index)
    }

    /// The importance of an element, 1 where there is none.
    @inline(__always)
    func importance(_ index: Int) -> Float {
        assert(index >= 0 && index < count)
        return unsafe importance?[index] ?? 1
    }

    /// The importance of four elements from an index on, 1 where there is none.
    @inline(__always)
    func importances(_ index: Int) -> FourFloats {
        assert(index >= 0 && index + 4 <= count)
        guard let importance = unsafe importance else { return .one }
        return unsafe Self.load(importance + index)
    }

    /// The weights of four elements from an index on, 1 where there are none.
    @inline(__always)
    func weights(_ index: Int) -> FourFloats {
        assert(index >= 0 && index + 4 <= count)
        guard let weights = unsafe weights else { return .one }
        return unsafe Self.load(weights + index)
    }

    @inline(__always)
    private static func load(_ pointer: UnsafePointer<Float>) -> FourFloats {
        unsafe UnsafeRawPointer(pointer).loadUnaligned(as: FourFloats.self)
    }

    /// The sum of the squares of some elements, added one after the other as ggml does.
    @inline(__always)
    func squareSum(_ range: Range<Int>) -> Float {
        var sum: Float = 0
        for index in range { sum += element(index) * element(index) }
        return sum
    }

    /// The position of the first element that is infinite or NaN.
    @inline(__always)
    var firstNonFinite: Int? {
        // All bits of its exponent are set: the lowest of them, added, carries into the sign.
        var found = SIMD4<UInt32>.zero
        var index = 0
        while index + 4 <= count {
            found |= (elements(index).bits & 0x7F80_0000) &+ 0x0080_0000
            index += 4
        }
        var bits = found[0] | found[1] | found[2] | found[3]
        while index < count {
            bits |= (element(index).bitPattern & 0x7F80_0000) &+ 0x0080_0000
            index += 1
        }
        if bits & 0x8000_0000 == 0 { return nil }
        return (0..<count).first { !element($0).isFinite }
    }

    /// The position of the first weight that is negative, infinite or NaN.
    @inline(__always)
    var firstInvalidWeight: Int? {
        unsafe weights.flatMap { unsafe firstInvalid($0) }
    }

    /// The position of the first importance that is negative, infinite or NaN, looked for where it is not the weights too.
    @inline(__always)
    var firstInvalidImportance: Int? {
        guard !weighsByImportance else { return nil }
        return unsafe importance.flatMap { unsafe firstInvalid($0) }
    }

    /// The position of the first number that is negative, infinite or NaN, of as many as the row has.
    @inline(__always)
    private func firstInvalid(_ numbers: UnsafePointer<Float>) -> Int? {
        // What has a sign, or an exponent whose bits are all set: the lowest of them, added, carries into the sign.
        var found = SIMD4<UInt32>.zero
        var index = 0
        while index + 4 <= count {
            let bits = unsafe Self.load(numbers + index).bits
            found |= bits | ((bits & 0x7FFF_FFFF) &+ 0x0080_0000)
            index += 4
        }
        var rest = found[0] | found[1] | found[2] | found[3]
        while index < count {
            let bits = unsafe numbers[index].bitPattern
            rest |= bits | ((bits & 0x7FFF_FFFF) &+ 0x0080_0000)
            index += 1
        }
        if rest & 0x8000_0000 == 0 { return nil }
        // Zeros may have a sign.
        return (0..<count).first { unsafe !(numbers[$0] >= 0 && numbers[$0] < .infinity) }
    }
}
