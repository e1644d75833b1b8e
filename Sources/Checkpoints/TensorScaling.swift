public import Tensors

/// How 8-bit floats become a tensor's weights: each is multiplied by the scale of the whole tensor, or of its row.
///
/// The products are rounded to BF16, which is what the programs that load such files compute with.
public struct TensorScaling: Hashable, Sendable {
    /// The format of the floats in the file.
    public let format: QuantizationFormat
    /// The number of rows; each has a scale of its own where there are as many scales.
    let rowCount: Int
    /// The format of the scales.
    let scaleFormat: QuantizationFormat
    /// Where the scales stand.
    let file: Int
    /// The place of the first byte of the scales, counted from the beginning of the file.
    let offset: Int
    /// The number of scales.
    let count: Int
}
