/// A format of MLX: groups of elements whose codes are packed apart from the groups' scales and biases.
///
/// A row's bytes are those that it has in each of the tensors that MLX keeps beside one another: the codes of all groups, packed
/// without gaps from the lowest bit of the first byte on, then the groups' scales, then their biases.
protocol GroupFormat: Sendable {
    /// The number of elements in a group, a multiple of eight and at most 256.
    var groupElements: Int { get }
    /// The number of bits of a code, at most eight.
    var codeBits: Int { get }
    /// The number of bytes of a scale, and of a bias.
    var scaleBytes: Int { get }
    /// Whether a bias is added to scaled values.
    var hasBias: Bool { get }

    /// Chooses a group's scale and bias, and stores the values that its codes stand for in the tile's levels.
    ///
    /// - Parameters:
    ///   - tile: The group's elements, one after the other in the vectors of ``Tile/row``.
    ///   - source: The type that the weights are stored in, in which MLX computes and stores scales.
    /// - Returns: The scale and the bias as they are stored.
    func quantize<Source: ElementFormat>(_ tile: Tile, as source: Source.Type) -> GroupScale
    /// The scale that stored bits stand for.
    func scale<Source: ElementFormat>(ofBits bits: UInt32, as source: Source.Type) -> Float
    /// The value that a code stands for before it is scaled.
    func value(ofCode code: UInt8) -> Float
    /// The code of a value that ``quantize(_:as:)`` stored.
    func code(of value: Float) -> UInt8
}

extension GroupFormat {
    /// The number of vectors of eight elements in a group.
    @inline(__always)
    var vectorCount: Int { groupElements / EightFloats.laneCount }
}
