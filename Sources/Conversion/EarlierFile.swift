public import Checkpoints
import Converters
import Tensors

/// A finished file of a model, from which tensors are taken over that another recipe plans in the same format.
///
/// Whether a tensor is what would be written anew is not told by its format alone: another importance matrix or a fine-tune of
/// the model gives other bytes. So of each tensor rows are cast again and held against the file's, see ``ModelWriter``.
public struct EarlierFile: Sendable {
    /// Where the file is.
    public let path: String

    let weights: WeightData
    private let tensors: [TensorInfo]
    /// The positions of tensors by their bare names.
    private let positions: [String: Int]

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - file: What its header says.
    ///   - model: The model that it was made of.
    /// - Throws: ``ConversionError/otherModel(path:)`` for a file that has other weights than the model,
    ///   ``ConversionError/notFinished(path:)`` for one in which no weight has fewer bits than in the model,
    ///   ``ConversionError/severalFiles(path:)``, and ``ConversionError/checkpoint(_:)``.
    public init(_ file: Model, of model: Model) throws(ConversionError) {
        guard let first = file.files.first else { throw .checkpoint(.noWeights(model: file.name)) }
        guard file.files.count == 1 else { throw .severalFiles(path: first.path) }
        path = first.path
        tensors = file.tensors
        positions = Dictionary(
            file.tensors.enumerated().map { (TensorNames.bare($1.name), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        // The file is going to be replaced, so it has to be one of this model's and no source.
        var isQuantized = false
        for tensor in model.tensors
        where tensor.dimensionCount > 1 && tensor.elementType?.isWeightFormat ?? true {
            guard let position = positions[TensorNames.bare(tensor.name)],
                tensors[position].elementCount == tensor.elementCount
            else { throw .otherModel(path: path) }
            let (own, found) = (tensor.elementType ?? model.sourceFormat, tensors[position].elementType)
            if let found, found.bitsPerWeight < own.bitsPerWeight { isQuantized = true }
        }
        guard isQuantized else { throw .notFinished(path: path) }
        // What is made of a part of a model would take the place of what was made of all of it.
        let own = Set(model.tensors.map { TensorNames.bare($0.name) })
        let isLarger = tensors.contains { tensor in
            tensor.dimensionCount > 1 && tensor.elementType?.isWeightFormat ?? true
                && !own.contains(TensorNames.bare(tensor.name))
        }
        guard !isLarger else { throw .otherModel(path: path) }
        weights = try ConversionError.wrapping { () throws(CheckpointError) in try WeightData(of: file) }
    }

    /// How many tensors of a draft the file has in the format that is wanted; they are taken over if rows of them are the same.
    public func count(in draft: ModelDraft) -> Int {
        draft.parts.count { !$0.isCopied && position(of: $0) != nil }
    }

    /// The position of the tensor that has the name, the format and the size of a part, or nil where there is none.
    func position(of part: ModelDraft.Part) -> Int? {
        guard let position = positions[TensorNames.bare(part.tensor.name)],
            tensors[position].elementType == part.format,
            tensors[position].rowLength == part.rowLength,
            part.format.byteCount(of: tensors[position]) == part.byteCount
        else { return nil }
        return position
    }
}
