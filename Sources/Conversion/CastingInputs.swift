import Checkpoints
import Estimation
import Sensitivity
import Tensors

/// What a model's tensors are cast from and by: its weights, the importance of their inputs, and what their errors cost.
struct CastingInputs: Sendable {
    let weights: WeightData
    /// What the encoders take for the importance of the inputs.
    private let importance: EncoderImportance
    /// The squared gradients, or nil where there are none.
    private let gradients: SquaredGradients?

    /// Opens the weights, and checks that the other two are of the model.
    ///
    /// - Throws: ``ConversionError/importanceOfOtherModel(path:)``, ``ConversionError/gradientsOfOtherModel(path:)`` and
    ///   ``ConversionError/checkpoint(_:)``.
    init(
        _ model: Model,
        importance: EncoderImportance,
        gradients: SquaredGradients?
    ) throws(ConversionError) {
        self.importance = importance
        self.gradients = gradients
        weights = try ConversionError.wrapping { () throws(CheckpointError) in try WeightData(of: model) }
        if let matrix = importance.matrix {
            let known = Set(matrix.tensorNames)
            guard model.tensors.contains(where: { known.contains($0.name) }) else {
                throw .importanceOfOtherModel(path: matrix.path)
            }
        }
        if let gradients {
            let known = Set(gradients.tensorNames)
            guard model.tensors.contains(where: { known.contains($0.name) }) else {
                throw .gradientsOfOtherModel(path: gradients.path)
            }
            try ConversionError.wrapping { () throws(CheckpointError) in
                for tensor in model.tensors { try gradients.check(tensor) }
            }
        }
    }

    /// Whether there is an importance matrix.
    var hasMatrix: Bool { importance.matrix != nil }

    /// Whether every input has an importance of 1.
    var countsInputsAlike: Bool { if case .ones = importance { true } else { false } }

    /// Whether the importance matrix knows a tensor.
    func matrixKnows(_ tensor: String) -> Bool { importance.matrix?.tensorNames.contains(tensor) ?? false }

    /// The importance of a tensor's inputs as the encoder is given it.
    ///
    /// - Throws: ``ConversionError/checkpoint(_:)``.
    func importance(of part: ModelDraft.Part) throws(ConversionError) -> [Float]? {
        // Rows that were laid together have no inputs of their own.
        guard !part.isCopied, part.rowLength == part.tensor.rowLength, !part.tensor.isFilter else {
            return nil
        }
        switch importance {
        case .none: return nil
        case .ones: return [Float](repeating: 1, count: part.rowLength)
        case .matrix(let matrix):
            return try ConversionError.wrapping { () throws(CheckpointError) in
                try matrix.encodingWeights(of: part.tensor)
            }
        }
    }

    /// What errors of a tensor cost at the end of the model; nil where that is not known.
    ///
    /// - Throws: ``ConversionError/checkpoint(_:)``.
    func costs(of part: ModelDraft.Part) throws(ConversionError) -> LossWeights? {
        guard let gradients, part.isPlanned, !part.isCopied else { return nil }
        return try LossWeights(gradients, of: part.tensor)
    }

    /// What a journal says of the run that writes a draft with these inputs.
    ///
    /// - Throws: ``ConversionError/checkpoint(_:)``.
    func journalHeader(for draft: ModelDraft) throws(ConversionError) -> Journal.Header {
        try ConversionError.wrapping { () throws(CheckpointError) in
            Journal.Header(
                draft: draft.digest,
                weights: try weights.sampleDigest() + " " + weights.stateDigest,
                changed: weights.changeDigest,
                importance: try importance.matrix?.digest()
                    ?? (countsInputsAlike ? ImportanceReference.ones.digest : nil),
                gradients: try gradients?.digest()
            )
        }
    }
}
