public import Tensors
public import Text

/// What can be wrong with a model, or with a file that describes one.
///
/// `source` is the path of the file that was read, or the name of the built-in model.
public enum CheckpointError: Error, Hashable, Sendable {
    /// A file cannot be read.
    case file(FileError)
    /// A text is not the JSON of an inventory: the line, from 1, and what is wrong there.
    case malformedJSON(source: String, line: Int, problem: String)
    /// A name in an inventory has more bytes in UTF-8 than it may have.
    case nameTooLong(source: String, name: String, limit: Int)
    /// A model's name is empty.
    case emptyModelName(source: String)
    /// A tensor has more dimensions than it may have.
    case tooManyDimensions(source: String, tensor: String, count: Int, limit: Int)
    /// A tensor's type is no known format.
    case unknownFormat(source: String, tensor: String, format: String)
    /// A tensor is impossible.
    case invalidTensor(source: String, TensorError)
    /// The number of parameters that an inventory states is not that of its tensors.
    case parametersDisagree(source: String, stated: Int, counted: Int)

    /// A model has no tensor.
    case noTensors(model: String)
    /// Two tensors of a model have the same name.
    case duplicateTensor(String, model: String)
    /// A model has more than `TensorInfo/maximumElementCount` parameters.
    case tooManyParameters(model: String)
    /// No built-in model has a name.
    case unknownModel(String, known: [String])

    /// A model file has a defect at a place, counted in bytes from the beginning of the file.
    case malformedFile(path: String, offset: Int, FileDefect)
    /// A file is no model in any form that is read; what it begins with is given.
    case unrecognizedFile(path: String, beginning: String)
    /// A folder has no model in it.
    case noModelInFolder(path: String)
    /// A folder has several models in it.
    case severalModels(path: String, names: [String])
    /// A file is one of several that make up a model, and no index says which.
    case loneShard(path: String, number: Int, count: Int)
    /// A folder has several indexes.
    case severalIndexes(path: String, names: [String])
    /// A part of a model is not in the folder where another file says it is.
    case missingShard(path: String, namedBy: String)
    /// A part of a split GGUF file is not named as its number and the number of parts require.
    case shardNameDisagrees(path: String, expectedEnding: String)
    /// A part of a split GGUF file states another number or count than it must have.
    case shardNumberDisagrees(path: String, number: Int, count: Int, expectedNumber: Int, expectedCount: Int)
    /// A file that is named as a part of a split GGUF file does not say that it is one.
    case notAShard(path: String)
    /// The parts of a split GGUF file have another number of tensors in all than one of them states.
    case shardTensorsDisagree(path: String, stated: Int, counted: Int)
    /// A tensor is not in the file in which an index says it is.
    case tensorNotInShard(String, shard: String, index: String)
    /// A tensor of a file that belongs to an index is not in the index, or said to be in another file.
    case tensorNotInIndex(String, shard: String, index: String)

    /// A GGUF header has a key twice.
    case duplicateKey(String)
    /// A GGUF header's `general.alignment` is not a power of two, or no `uint32`.
    case badAlignment(String)
    /// A tensor is to be written in a type that GGUF has no number for.
    case notInGGUF(tensor: String, type: String)
    /// The header of a safetensors file cannot be written.
    case unwritableHeader(reason: String)

    // Weights, importance matrices and gradients

    /// A model that is an inventory has no weights to read.
    case noWeights(model: String)

    /// A file was written to after its header was read.
    case fileChanged(path: String)

    /// The file is neither shape of an importance matrix.
    case notAnImportanceMatrix(path: String)

    /// The importance of a tensor has another number of values than its row, or its experts' rows, have elements.
    case importanceDisagrees(path: String, tensor: TensorInfo, values: Int)

    /// The file has no squared gradients of a model.
    case notGradients(path: String)
    /// The squared gradients are of no sequence, so they say nothing.
    case gradientsOfNothing(path: String)

    /// The gradients of a tensor have another number of rows than it has outputs.
    case gradientsDisagree(path: String, tensor: TensorInfo, rows: Int)

    /// A mean square or a count is negative or not finite.
    case impossibleImportance(path: String, tensor: String, value: String)
}

extension CheckpointError: CategorizedError {
    /// That of the file where one is to blame; else what is wrong is in an input.
    public var category: ErrorCategory {
        switch self {
        case .file(let error): error.category
        default: .badData
        }
    }
}
