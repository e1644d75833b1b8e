import Checkpoints
import Tensors

/// What an error of each of a tensor's weights costs at the end of the model, by squared gradients.
///
/// Weights that are off by `d_ij` cost `½ · Σ_ij r_i·c_j·d_ij² / Σ_j c_j`, see `SquaredGradients`. The rows of the file need not be
/// those of the matrix, as ComfyUI-GGUF lays some together: an element counts by its place in the tensor.
struct LossWeights: Sendable {
    /// What each output counts.
    private let rowCosts: [Double]
    /// What each input counts, one run for each expert or one for all.
    private let columns: [Float]
    /// The number of weights that make one output.
    private let rowLength: Int

    /// Reads what is known of a tensor; nil where no gradient reached it.
    ///
    /// - Throws: ``ConversionError/checkpoint(_:)``.
    init?(_ gradients: SquaredGradients, of tensor: TensorInfo) throws(ConversionError) {
        let factors = try ConversionError.wrapping { () throws(CheckpointError) in
            try gradients.factors(of: tensor)
        }
        guard let factors else { return nil }
        rowLength = tensor.elementCount / tensor.outputCount
        rowCosts = factors.rowCosts(rowLength: rowLength)
        columns = factors.columns
    }

    /// The cost of what stands for consecutive weights.
    ///
    /// - Parameters:
    ///   - weights: The weights.
    ///   - cast: What stands for each.
    ///   - start: The place of the first in the tensor.
    /// - Returns: The cost, in the gradients' unit.
    func loss(of weights: Span<Float>, _ cast: [Float], from start: Int) -> Double {
        let rowsPerExpert = rowCosts.count / max(1, columns.count / rowLength)
        var loss = 0.0
        var index = 0
        while index < weights.count {
            let (row, column) = (start + index).quotientAndRemainder(dividingBy: rowLength)
            let count = min(weights.count - index, rowLength - column)
            let first = row / rowsPerExpert * rowLength + column
            var sum = 0.0
            for offset in 0..<count {
                let distance = Double(weights[index + offset]) - Double(cast[index + offset])
                sum += Double(columns[first + offset]) * distance * distance
            }
            loss += rowCosts[row] * sum
            index += count
        }
        return loss
    }
}
