public import Checkpoints
import Converters
import Tensors

/// A finished file of a model, from which tensors are taken over that another recipe plans in the same format.
///
/// Whether a tensor is what would be written anew is not told by its format alone: another importance matrix or a fine-tune of
/// the model gives other bytes, and so does a damage of the file. A record of the file may say what each tensor was cast from; then
/// those are taken over whose weights and importance are still the same. Without one rows of each tensor are cast again and
/// held against the file's, see ``ModelWriter``, which proves nothing of the others.
public struct EarlierFile: Sendable {
    /// Where the file is.
    public let path: String

    /// Whether a record of the file says what its tensors were cast from.
    public var isRecorded: Bool { origins != nil }

    let weights: WeightData
    private let origins: [String: String]?
    private let tensors: [TensorInfo]
    /// The positions of tensors by their bare names.
    private let positions: [String: Int]

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - file: What its header says.
    ///   - model: The model that it was made of.
    ///   - origins: What a record of the file says that each tensor was cast from, see ``WrittenModel/origins``; the caller has made
    ///     sure that the record is of this file, to the byte. Nil where there is none.
    /// - Throws: ``ConversionError/otherModel(path:)`` for a file that has other weights than the model,
    ///   ``ConversionError/notFinished(path:)`` for one in which no weight has fewer bits than in the model,
    ///   ``ConversionError/severalFiles(path:)``, and ``ConversionError/checkpoint(_:)``.
    public init(
        _ file: Model,
        of model: Model,
        origins: [String: String]? = nil
    ) throws(ConversionError) {
        self.origins = origins
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

    /// How many tensors of a draft the file has in the format that is wanted; they are taken over if they are what would be cast.
    ///
    /// - Parameters:
    ///   - draft: The draft.
    ///   - hasImportance: Whether the encoders look at an importance.
    /// - Returns: The number.
    public func count(in draft: ModelDraft, hasImportance: Bool) -> Int {
        draft.parts.count { offers($0, hasImportance: hasImportance) != nil }
    }

    /// The position of the tensor that a part can be taken over from, or nil where it is copied or cast.
    ///
    /// What has a scale, or is quickly cast and recorded nowhere, is cast anew.
    func offers(_ part: ModelDraft.Part, hasImportance: Bool) -> Int? {
        guard !part.isCopied, part.scaleOffset == nil, let position = position(of: part) else { return nil }
        if origins != nil { return origin(of: part) == nil ? nil : position }
        return Self.isQuicklyCast(part.format, hasImportance: hasImportance) ? nil : position
    }

    /// What the record says that a part's tensor was cast from.
    func origin(of part: ModelDraft.Part) -> String? { origins?[part.tensor.name] }

    /// Whether casting takes about as long as reading again: where nothing is searched for.
    private static func isQuicklyCast(_ format: QuantizationFormat, hasImportance: Bool) -> Bool {
        format.blockElements == 1
            || !hasImportance && [.q4_0, .q4_1, .q5_0, .q5_1, .q8_0].contains(format)
    }

    /// The position of the tensor that has the name, the format and the size of a part, or nil where there is none.
    private func position(of part: ModelDraft.Part) -> Int? {
        guard let position = positions[TensorNames.bare(part.tensor.name)],
            tensors[position].elementType == part.format,
            tensors[position].rowLength == part.rowLength,
            part.format.byteCount(of: tensors[position]) == part.byteCount
        else { return nil }
        return position
    }
}
