public import Checkpoints
public import Sensitivity
import Tensors

/// What the encoders take for the importance of a tensor's inputs, as whatever will write the file is going to.
public enum EncoderImportance: Sendable {
    /// Nothing, as llama-quantize without an importance matrix.
    case none
    /// 1 for every input, as stable-diffusion.cpp; encoders then search in another way than with nothing.
    case ones
    /// What an importance matrix has, and nothing for tensors that it does not know.
    case matrix(ImportanceMatrix)

    /// Whether the encoders are given anything.
    public var isGiven: Bool { if case .none = self { false } else { true } }

    /// The matrix, where there is one.
    public var matrix: ImportanceMatrix? {
        guard case .matrix(let matrix) = self else { return nil }
        return matrix
    }

    /// The name and the fingerprint that files of errors, tables and recipes have for it; nil for nothing.
    ///
    /// - Throws: ``EstimationError/checkpoint(_:)``.
    public func reference() throws(EstimationError) -> ImportanceReference? {
        switch self {
        case .none: nil
        case .ones: .ones
        case .matrix(let matrix):
            ImportanceReference(
                name: matrix.path,
                digest: try EstimationError.wrapping { () throws(CheckpointError) in try matrix.digest() }
            )
        }
    }

    /// The importance of a tensor's inputs, one row of it for each expert or one for all; nil for nothing.
    func values(for tensor: TensorInfo) throws(EstimationError) -> [Float]? {
        // An importance matrix has no rows for filters.
        guard !tensor.isFilter else { return nil }
        switch self {
        case .none: return nil
        case .ones: return [Float](repeating: 1, count: tensor.rowLength)
        case .matrix(let matrix):
            return try EstimationError.wrapping { () throws(CheckpointError) in
                try matrix.encodingWeights(of: tensor)
            }
        }
    }
}
