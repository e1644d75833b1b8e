import CVectors

/// Loops over vectors of eight floats, for processors that have them: what takes most of the time of a search.
///
/// Callers do the same in two vectors of four on other processors, in the same order of operations and to the same bits. This is the one file
/// that calls `CVectors`.
enum WideVectors {
    /// Whether the processor has such vectors: those of AVX2.
    static let areThere = vectors_have_avx2()

    /// ``ScaleSearch/symmetric(_:weights:levels:count:limit:)`` of columns of at most 32 elements.
    @inline(__always)
    static func symmetric(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        count: Int,
        limit: Float
    ) -> EightFloats {
        assert(count <= 32)
        return unsafe result { scale in
            unsafe vectors_symmetric(row.floats, weights.floats, levels.floats, count, limit, scale)
        }
    }

    /// ``ScaleSearch/symmetricColumn(_:weights:levels:count:limit:)``.
    @inline(__always)
    static func symmetricColumn(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        count: Int,
        limit: Float
    ) -> Float {
        unsafe vectors_symmetric_column(row.floats, weights.floats, levels.floats, count, limit)
    }

    /// ``RangeSearch/search(_:weights:levels:scratch:count:limit:trials:)`` of columns of 16 or 32 elements.
    @inline(__always)
    static func range(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        scratch: Lanes,
        count: Int,
        limit: Float,
        trials: RangeSearch.Trials
    ) -> (scale: EightFloats, minimum: EightFloats) {
        assert(count == 16 || count == 32)
        var minimum = EightFloats.zero
        let scale = unsafe result { scale in
            minimum = unsafe result { minimum in
                unsafe vectors_range(
                    row.floats,
                    weights.floats,
                    levels.floats,
                    scratch.floats,
                    count,
                    limit,
                    trials.first,
                    trials.step,
                    trials.count,
                    trials.isAbsolute,
                    scale,
                    minimum
                )
            }
        }
        return (scale, minimum)
    }

    /// ``MicroscalingBlocks/levels(of:scale:into:count:)``.
    @inline(__always)
    static func fourBitFloats(of row: Lanes, scale: Lanes, into levels: Lanes, count: Int) {
        unsafe vectors_four_bit_floats(row.floats, scale.floats, levels.floats, count)
    }

    /// The position of the point that leaves the least error, of points of four elements.
    ///
    /// - Parameters:
    ///   - points: The elements of the points, the first ones of eight points, then their second ones, and so on.
    ///   - count: The number of points, a multiple of eight.
    ///   - row: The group's elements, of which one lane counts.
    ///   - weights: The weight of each squared error.
    ///   - lane: The lane.
    ///   - scale: What the points are multiplied by.
    /// - Returns: The position of the first such point, or 0 where no error is a number.
    @inline(__always)
    static func nearest(
        _ points: UnsafePointer<UInt8>,
        count: Int,
        row: Lanes,
        weights: Lanes,
        lane: Int,
        scale: Float
    ) -> Int {
        unsafe vectors_nearest(points, count, row.floats + lane, weights.floats + lane, scale)
    }

    /// The sums of ``CastSquares`` over a whole number of fours.
    @inline(__always)
    static func castSquares(
        _ row: UnsafePointer<Float>,
        _ cast: UnsafePointer<Float>,
        _ importance: UnsafePointer<Float>?,
        count: Int,
        into sums: UnsafeMutablePointer<Double>
    ) {
        unsafe vectors_cast_sums(row, cast, importance, count, sums)
    }

    /// Eight floats that are stored by the body.
    @inline(__always)
    private static func result(_ body: (UnsafeMutablePointer<Float>) -> Void) -> EightFloats {
        var result = EightFloats.zero
        unsafe withUnsafeMutablePointer(to: &result) { result in
            unsafe body(UnsafeMutableRawPointer(result).assumingMemoryBound(to: Float.self))
        }
        return result
    }
}
