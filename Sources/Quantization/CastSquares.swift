/// Sums of squares over a row and what stands for it, in 64 bits: four sums of each, which no number is added across.
package struct CastSquares {
    /// `Σ w²`.
    package var signals = SIMD4<Double>.zero
    /// `Σ (w − q)²`.
    package var errors = SIMD4<Double>.zero
    /// `Σ E[x²]·w²`, zero without importance.
    package var weightedSignals = SIMD4<Double>.zero
    /// `Σ E[x²]·(w − q)²`, zero without importance.
    package var weightedErrors = SIMD4<Double>.zero

    private init() {}

    /// Sums over all elements but the last ones, which make no whole four.
    ///
    /// - Precondition: All are of the same length.
    ///
    /// - Parameters:
    ///   - row: The weights.
    ///   - cast: What stands for them.
    ///   - importance: The importance of each, or nil.
    package init(_ row: Span<Float>, _ cast: Span<Float>, importance: Span<Float>?) {
        precondition(cast.count == row.count && importance?.count ?? row.count == row.count)
        self.init()
        guard WideVectors.areThere else {
            self = CastSquares(byFours: row, cast, importance: importance)
            return
        }
        unsafe row.withUnsafeBufferPointer { row in
            unsafe cast.withUnsafeBufferPointer { cast in
                guard let first = row.baseAddress, let second = cast.baseAddress else { return }
                unsafe withUnsafeMutablePointer(to: &self) { sums in
                    let sums = unsafe UnsafeMutableRawPointer(sums).assumingMemoryBound(to: Double.self)
                    if let importance {
                        unsafe importance.withUnsafeBufferPointer {
                            unsafe WideVectors.castSquares(
                                first,
                                second,
                                $0.baseAddress,
                                count: row.count,
                                into: sums
                            )
                        }
                    } else {
                        unsafe WideVectors.castSquares(first, second, nil, count: row.count, into: sums)
                    }
                }
            }
        }
    }

    /// The same, four elements at a time.
    init(byFours row: Span<Float>, _ cast: Span<Float>, importance: Span<Float>?) {
        var index = 0
        while index + 4 <= row.count {
            let weights = row.fourDoubles(at: index)
            let distances = weights - cast.fourDoubles(at: index)
            let (squares, distanceSquares) = (weights * weights, distances * distances)
            signals += squares
            errors += distanceSquares
            if let importance {
                let factors = importance.fourDoubles(at: index)
                weightedSignals += factors * squares
                weightedErrors += factors * distanceSquares
            }
            index += 4
        }
    }
}

extension Span<Float> {
    /// Four elements from one on, which are there, in 64 bits.
    @inline(__always)
    fileprivate func fourDoubles(at index: Int) -> SIMD4<Double> {
        // Every bit pattern is a vector of floats; the offset is checked.
        SIMD4<Double>(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 4 * index, as: SIMD4<Float>.self))
    }
}
