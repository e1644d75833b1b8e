/// Mode `affine` of MLX: whole numbers from 0 on, a scale and a bias, `x = scale · code + bias`.
///
/// The bias is the group's element of the largest magnitude, and the scale has the sign that leads from it to the others; it is
/// chosen so that a whole number of steps leads to zero. All is computed in 32 bits, as in `quantize` of MLX's CPU backend; the
/// scale and the bias are rounded to the type of the weights only when they are stored, after the codes are chosen.
struct AffineGroups: GroupFormat {
    let groupElements: Int
    let codeBits: Int

    var scaleBytes: Int { 2 }
    var hasBias: Bool { true }

    /// The least distance of two steps.
    private static let leastScale: Float = 1e-7

    @inline(__always)
    func quantize<Source: ElementFormat>(_ tile: Tile, as source: Source.Type) -> GroupScale {
        var least = tile.row[0]
        var largest = tile.row[0]
        for index in 1..<vectorCount {
            least = tile.row[index].orSmaller(least)
            largest = tile.row[index].orLarger(largest)
        }
        var (minimum, maximum) = (least[0], largest[0])
        for lane in 1..<EightFloats.laneCount {
            minimum = min(minimum, least[lane])
            maximum = max(maximum, largest[lane])
        }
        let limit = Float((1 << codeBits) - 1)
        let beginsBelow = minimum.magnitude > maximum.magnitude
        let step = max((maximum - minimum) / limit, Self.leastScale)
        var scale = beginsBelow ? step : -step
        var bias: Float = 0
        let edge = beginsBelow ? minimum : maximum
        let stepsToZero = (edge / scale).rounded(.toNearestOrEven)
        if stepsToZero != 0 {
            scale = edge / stepsToZero
            bias = edge
        }
        for index in 0..<vectorCount {
            tile.levels[index] = ((tile.row[index] - bias) / scale).nearestInteger.clamped(0, limit)
        }
        let stored = Source.rounded(FourFloats(scale, bias, 0, 0))
        return GroupScale(bits: Source.bits(of: stored[0]), value: stored[0], bias: stored[1])
    }

    @inline(__always)
    func scale<Source: ElementFormat>(ofBits bits: UInt32, as source: Source.Type) -> Float {
        Source.values(ofBits: SIMD4(repeating: bits))[0]
    }

    @inline(__always)
    func value(ofCode code: UInt8) -> Float { Float(code) }

    // Levels are clamped to what eight bits hold when they are chosen, which also excludes NaN.
    @inline(__always)
    func code(of value: Float) -> UInt8 { UInt8(value) }
}
