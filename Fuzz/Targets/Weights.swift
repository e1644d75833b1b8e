import Checkpoints
import Estimation
import Sensitivity
import Tensors
import Text

/// Reads an importance matrix, and the mean squares of tensors that it names, as matrices and as experts; then the same bytes as
/// squared gradients, which are such a matrix and more.
func testImportance(_ bytes: [UInt8]) {
    attempt {
        let gradients = try SquaredGradients(ByteSource(bytes: bytes, path: "gradients"))
        for name in gradients.tensorNames.prefix(8) {
            for shape in [[5, 32], [32, 8], [2, 5, 2], [5, 2, 2, 2]] {
                attempt {
                    let tensor = try TensorInfo(name: name, shape: shape)
                    guard let factors = try gradients.factors(of: tensor) else { return }
                    precondition(factors.rows.count == tensor.outputCount)
                    precondition(factors.rows.allSatisfy { $0 >= 0 })
                }
            }
        }
    }
    attempt {
        let matrix = try ImportanceMatrix(ByteSource(bytes: bytes, path: "imatrix"))
        for name in matrix.tensorNames.prefix(8) {
            for shape in [[3, 1], [3, 2], [3, 4], [2, 5, 2], [3, 5, 2]] {
                attempt {
                    let tensor = try TensorInfo(name: name, shape: shape)
                    guard let values = try matrix.meanSquares(of: tensor) else { return }
                    precondition(values.count.isMultiple(of: tensor.rowLength))
                    precondition(values.allSatisfy { $0 >= 0 })
                }
            }
        }
    }
}

/// Reads a file of measured errors, puts it together with itself, and makes a table of it.
func testErrors(_ bytes: [UInt8]) {
    attempt {
        let document = try EstimateDocument(bytes, path: "errors.jsonl")
        let estimates = try EstimateDocument.merged([document, document])
        precondition(estimates.count == document.estimates.count)
        let tensors = try document.estimates.map { try TensorInfo(name: $0.tensor, shape: [1, 32]) }
        let model = try LayerGrouping.perTensor.grouped(tensors)
        for scale in [EstimatedImpacts.Scale.amplitude, .relative] {
            let impacts = try EstimatedImpacts(
                estimates,
                formats: document.header.formats,
                model: model,
                scale: scale
            )
            _ = try impacts.table(named: "t")
        }
    }
}
