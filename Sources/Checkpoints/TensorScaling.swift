public import Tensors

/// How 8-bit floats become a tensor's weights: each is multiplied by the scale of the whole tensor, of its row, or of its block of
/// some rows and columns.
///
/// The products are rounded to BF16, which is what the programs that load such files compute with.
public struct TensorScaling: Hashable, Sendable {
    /// The format of the floats in the file.
    public let format: QuantizationFormat
    /// The rows and the columns that share a scale.
    let block: Block
    /// The format of the scales.
    let scaleFormat: QuantizationFormat
    /// Where the scales stand.
    let file: Int
    /// The place of the first byte of the scales, counted from the beginning of the file.
    let offset: Int
    /// The number of scales.
    let count: Int

    /// The part of a matrix that shares a scale; scales stand in the order of the matrix's elements.
    struct Block: Hashable {
        /// The number of rows.
        let rows: Int
        /// The number of columns.
        let columns: Int

        /// The sides of DeepSeek's blocks, which do not always divide a matrix's.
        private static let usualSide = 128
        /// The fewest columns that share a scale.
        private static let fewestColumns = 16

        /// Finds the block from the shapes of a tensor and of its scales; nil for shapes that do not say.
        ///
        /// - Parameters:
        ///   - tensor: A tensor of at least two dimensions.
        ///   - scales: One number; one for each row; or a matrix, one for each block of a matrix, whose sides are 128 or else divide
        ///     the matrix into equal parts of a power of two.
        init?(of tensor: TensorInfo, scales: TensorInfo) {
            let (rowCount, columnCount) = (
                tensor.outputCount, tensor.elementCount / max(1, tensor.outputCount)
            )
            if scales.elementCount == 1 {
                self.init(rows: rowCount, columns: columnCount)
            } else if scales.elementCount == rowCount, scales.dimensionCount == 1 || scales.rowLength == 1 {
                self.init(rows: 1, columns: columnCount)
            } else if tensor.dimensionCount == 2, scales.dimensionCount == 2,
                let rows = Self.side(rowCount, in: scales.shape[0]),
                let columns = Self.side(columnCount, in: scales.shape[1]), columns >= Self.fewestColumns
            {
                self.init(rows: rows, columns: columns)
            } else {
                return nil
            }
        }

        private init(rows: Int, columns: Int) {
            self.rows = rows
            self.columns = columns
        }

        /// The side of blocks of which a length has as many, or nil where that is not sure.
        private static func side(_ length: Int, in count: Int) -> Int? {
            if (length + usualSide - 1) / usualSide == count { return usualSide }
            guard count > 0, length % count == 0 else { return nil }
            let side = length / count
            return side & (side - 1) == 0 ? side : nil
        }
    }
}
