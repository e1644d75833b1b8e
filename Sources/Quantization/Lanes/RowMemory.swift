/// A row's weights and what each one's squared error weighs, checked to be of the same length.
///
/// Indices are checked in debug builds only; every use counts them against `count`.
@safe
struct RowMemory {
    /// The number of elements.
    let count: Int
    private let row: UnsafePointer<Float>
    private let weights: UnsafePointer<Float>?

    /// Runs the body with the memory of a row and its weights, which are as many, if there are any.
    @inline(__always)
    static func with<Result>(_ row: Span<Float>, weights: Span<Float>?, _ body: (RowMemory) -> Result)
        -> Result
    {
        unsafe row.withUnsafeBufferPointer { row in
            guard let weights else { return unsafe body(RowMemory(row: row, weights: nil)) }
            return unsafe weights.withUnsafeBufferPointer { unsafe body(RowMemory(row: row, weights: $0)) }
        }
    }

    private init(row: UnsafeBufferPointer<Float>, weights: UnsafeBufferPointer<Float>?) {
        count = row.count
        // An empty row may have no address; nothing is read from it then.
        unsafe self.row =
            row.baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<Float>.alignment).unsafelyUnwrapped
        unsafe self.weights = weights?.baseAddress
    }

    /// Whether there are weights.
    @inline(__always)
    var hasWeights: Bool { unsafe weights != nil }

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
        // Zero times such an element is NaN, and stays so in a sum.
        var sum = FourFloats.zero
        var index = 0
        while index + 4 <= count {
            sum += elements(index) * 0
            index += 4
        }
        while index < count {
            sum[0] += element(index) * 0
            index += 1
        }
        if all(sum .== 0) { return nil }
        return (0..<count).first { !element($0).isFinite }
    }

    /// The position of the first weight that is negative, infinite or NaN.
    @inline(__always)
    var firstInvalidWeight: Int? {
        guard hasWeights else { return nil }
        var isValid = FourMask(repeating: true)
        var index = 0
        while index + 4 <= count {
            isValid .&= (weights(index) .>= 0) .& (weights(index) .< .infinity)
            index += 4
        }
        if all(isValid), (index..<count).allSatisfy({ weight($0) >= 0 && weight($0) < .infinity }) {
            return nil
        }
        return (0..<count).first { !(weight($0) >= 0 && weight($0) < .infinity) }
    }
}
