public import Tensors

/// Casts rows of weights to one format and back.
///
/// The bytes are those of the reference encoders: for ggml's formats those that `ggml_quantize_chunk` writes, where ggml is compiled
/// without fused multiplications; for the 8-bit floats those of PyTorch's casts; for MLX's formats those that `mlx.core.quantize` puts
/// into the row of each tensor, the packed words first, then the scales, then the biases. An element whose cast is not finite
/// (a magnitude above 448 in `float8_e4m3fn`, which becomes NaN as in PyTorch, or a block whose scale is beyond 16-bit floats)
/// makes the squared error infinite.
///
/// **Importance** is `E[x_j²]`, the mean square of what an element is multiplied by, as importance matrices hold it. `Q4_0`, `Q4_1`,
/// `Q5_0`, `Q5_1`, the K formats and the IQ formats choose other scales and levels with it; the other formats ignore it.
public struct RowCodec: Sendable {
    /// The formats that have a codec: those of `QuantizationFormat.all` in its order, then those of MLX.
    public static let formats: [QuantizationFormat] =
        QuantizationFormat.all.filter { Caster($0, source: .bf16) != nil } + QuantizationFormat.mlx

    /// The format that rows are cast to.
    public let format: QuantizationFormat

    /// Whether rows can be encoded with importance only, as ggml refuses to encode them without: `IQ2_XXS`, `IQ2_XS` and `IQ1_S`.
    public var requiresImportance: Bool { [.iq2_xxs, .iq2_xs, .iq1_s].contains(format) }

    private let caster: Caster

    /// Finds the codec of a format, or nil where the format has none.
    ///
    /// - Parameters:
    ///   - format: The format.
    ///   - source: The type that the weights are stored in. MLX's formats have their scales and biases in it if it is F16, and
    ///     otherwise in BF16, to which F32 weights are rounded first; for all other formats it changes nothing.
    public init?(_ format: QuantizationFormat, source: QuantizationFormat = .bf16) {
        guard let caster = Caster(format, source: source) else { return nil }
        self.format = format
        self.caster = caster
    }

    /// Encodes a row.
    ///
    /// - Parameters:
    ///   - row: The weights, a whole number of blocks.
    ///   - importance: The importance of each element, or nil.
    /// - Returns: The row's bytes in the format.
    /// - Throws: ``QuantizationError`` if the row is not a whole number of blocks, if the importances are not as many or missing where
    ///   the format needs them, or if a number is not finite or an importance negative.
    public func encode(_ row: Span<Float>, importance: Span<Float>?) throws(QuantizationError) -> [UInt8] {
        try check(row, importance: importance, weights: nil)
        return RowMemory.with(row, importance: importance, weights: nil) { caster.encode($0) }
    }

    /// Decodes a row.
    ///
    /// - Parameters:
    ///   - bytes: The bytes, which any encoder of the format may have written.
    ///   - count: The number of elements, a whole number of blocks.
    /// - Returns: The values that the bytes stand for.
    /// - Throws: ``QuantizationError`` if `count` is not a whole number of blocks or does not go with the bytes.
    public func decode(_ bytes: Span<UInt8>, count: Int) throws(QuantizationError) -> [Float] {
        try checkBlocks(count)
        let (expected, overflow) = (count / format.blockElements).multipliedReportingOverflow(
            by: format.blockBytes
        )
        guard !overflow, bytes.count == expected else {
            throw .byteCount(bytes.count, expected: overflow ? .max : expected)
        }
        return caster.decode(bytes, count)
    }

    /// The squared error that casting a row makes: `Σ_j weights[j] · (row[j] − cast(row)[j])²`, summed in 64 bits.
    ///
    /// The cast is that of ``encode(_:importance:)`` with the weights as importance. Nothing is allocated.
    ///
    /// - Parameters:
    ///   - row: The weights, a whole number of blocks.
    ///   - weights: What each element's squared error weighs, which the encoder takes for its importance; nil means 1 for each,
    ///     and no importance.
    /// - Returns: The sum, which is infinite if a cast element is not finite.
    /// - Throws: ``QuantizationError`` if the row is not a whole number of blocks, if the weights are not as many or missing where the
    ///   format needs them, or if a number is not finite or a weight negative.
    public func squaredError(of row: Span<Float>, weights: Span<Float>?) throws(QuantizationError) -> Double {
        try squaredErrors(of: row, importance: weights, weights: weights).weighted
    }

    /// The squared errors that casting a row makes, with and without weights.
    ///
    /// The cast is that of ``encode(_:importance:)``, whatever the errors weigh. Nothing is allocated.
    ///
    /// - Parameters:
    ///   - row: The weights, a whole number of blocks.
    ///   - importance: The importance of each element, which the encoder looks at, or nil.
    ///   - weights: What each element's squared error weighs, or nil for 1 each; the span that is given as importance may be
    ///     given here too.
    /// - Returns: The sums.
    /// - Throws: ``QuantizationError`` if the row is not a whole number of blocks, if the importances or weights are not as many or are
    ///   missing where the format needs importance, or if a number is not finite or one of them negative.
    public func squaredErrors(
        of row: Span<Float>,
        importance: Span<Float>?,
        weights: Span<Float>?
    ) throws(QuantizationError) -> SquaredErrors {
        try check(row, importance: importance, weights: weights)
        return RowMemory.with(row, importance: importance, weights: weights) { caster.squaredErrors($0) }
    }

    private func checkBlocks(_ count: Int) throws(QuantizationError) {
        guard count >= 0, count.isMultiple(of: format.blockElements) else {
            throw .incompleteBlock(format: format.name, elements: count, blockElements: format.blockElements)
        }
    }

    private func check(
        _ row: Span<Float>,
        importance: Span<Float>?,
        weights: Span<Float>?
    ) throws(QuantizationError) {
        try checkBlocks(row.count)
        for counted in [importance?.count, weights?.count] {
            if let counted, counted != row.count { throw .weightCount(counted, elements: row.count) }
        }
        guard importance != nil || row.isEmpty || !requiresImportance else {
            throw .missingImportance(format: format.name)
        }
        let (firstNonFinite, firstInvalid) = RowMemory.with(row, importance: importance, weights: weights) {
            ($0.firstNonFinite, $0.firstInvalidWeight ?? $0.firstInvalidImportance)
        }
        if let firstNonFinite { throw .nonFiniteElement(position: firstNonFinite) }
        if let firstInvalid { throw .invalidWeight(position: firstInvalid) }
    }
}
