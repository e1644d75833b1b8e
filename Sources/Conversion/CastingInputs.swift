import Checkpoints
import Tensors

/// What a model's tensors are cast from and by: its weights, the importance of their inputs, and what their errors cost.
struct CastingInputs: Sendable {
    let weights: WeightData
    /// The importance matrix, or nil where there is none.
    private let importance: ImportanceMatrix?
    /// The squared gradients, or nil where there are none.
    private let gradients: SquaredGradients?
    /// Whether every input has an importance of 1; never beside a matrix.
    let countsInputsAlike: Bool

    /// Opens the weights, and checks that the other two are of the model.
    ///
    /// - Throws: ``ConversionError/importanceOfOtherModel(path:)``, ``ConversionError/gradientsOfOtherModel(path:)`` and
    ///   ``ConversionError/checkpoint(_:)``.
    init(
        _ model: Model,
        importance: ImportanceMatrix?,
        gradients: SquaredGradients?,
        countsInputsAlike: Bool
    ) throws(ConversionError) {
        self.importance = importance
        self.gradients = gradients
        self.countsInputsAlike = countsInputsAlike && importance == nil
        weights = try ConversionError.wrapping { () throws(CheckpointError) in try WeightData(of: model) }
        if let importance {
            let known = Set(importance.tensorNames)
            guard model.tensors.contains(where: { known.contains($0.name) }) else {
                throw .importanceOfOtherModel(path: importance.path)
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
    var hasMatrix: Bool { importance != nil }

    /// Whether the importance matrix knows a tensor.
    func matrixKnows(_ tensor: String) -> Bool { importance?.tensorNames.contains(tensor) ?? false }

    /// The importance of a tensor's inputs as the encoder is given it.
    ///
    /// - Throws: ``ConversionError/checkpoint(_:)``.
    func importance(of part: ModelDraft.Part) throws(ConversionError) -> [Float]? {
        // Rows that were laid together have no inputs of their own.
        guard !part.isCopied, part.rowLength == part.tensor.rowLength, !part.tensor.isFilter else {
            return nil
        }
        if countsInputsAlike { return [Float](repeating: 1, count: part.rowLength) }
        guard let importance else { return nil }
        return try ConversionError.wrapping { () throws(CheckpointError) in
            try importance.encodingWeights(of: part.tensor)
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
                importance: try importance?.digest() ?? (countsInputsAlike ? "constant:1" : nil),
                gradients: try gradients?.digest()
            )
        }
    }
}
