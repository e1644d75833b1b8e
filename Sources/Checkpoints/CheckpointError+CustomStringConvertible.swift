import Tensors
import Text

extension CheckpointError: CustomStringConvertible {
    /// What is wrong and, where there is one, the remedy, in one clause.
    public var description: String {
        switch self {
        case .file(let error):
            error.description
        case .malformedJSON(let source, let line, let problem):
            "\(InputFile.quoted(source)) is no inventory: on line \(line), \(problem)"
        case .nameTooLong(let source, let name, let limit):
            "\(InputFile.quoted(source)) has the name \(name.quoted), which is longer than \(limit) bytes; "
                + "shorten it"
        case .emptyModelName(let source):
            "\(InputFile.quoted(source)) has an empty model name; give it one"
        case .tooManyDimensions(let source, let tensor, let count, let limit):
            "\(InputFile.quoted(source)) gives tensor \(tensor.quoted) \(count) dimensions; use at most \(limit)"
        case .unknownFormat(let source, let tensor, let format):
            "\(InputFile.quoted(source)) gives tensor \(tensor.quoted) the unknown type \(format.quoted); use the name of a "
                + "known format, such as BF16, or leave it out"
        case .invalidTensor(let source, let error):
            "\(InputFile.quoted(source)) has an impossible tensor: \(error)"
        case .parametersDisagree(let source, let stated, let counted):
            "\(InputFile.quoted(source)) states \(stated) parameters, but its tensors have \(counted); correct the number or "
                + "leave it out"
        case .noTensors(let model):
            "the model \(model.quoted) has no tensors; a plan needs at least one"
        case .duplicateTensor(let name, let model):
            "the model \(model.quoted) has two tensors named \(name.quoted); name each tensor once"
        case .tooManyParameters(let model):
            "the tensors of the model \(model.quoted) have more than 2^56 elements together; check their shapes"
        case .unknownModel(let name, let known):
            "there is no built-in model \(name.quoted); use \(known.joined(separator: ", ")) or a file"
        case .malformedFile(let path, let offset, let defect):
            "\(InputFile.quoted(path)) is malformed at byte \(offset): \(defect)"
        case .unrecognizedFile(let path, ""):
            "\(InputFile.quoted(path)) is empty; give a GGUF or safetensors file, an index or an inventory"
        case .unrecognizedFile(let path, let beginning):
            "\(InputFile.quoted(path)) begins with \(beginning.quoted) and is no model in a known form; give a GGUF or "
                + "safetensors file, an index or an inventory"
        case .noModelInFolder(let path):
            "the folder \(InputFile.quoted(path)) has no model in it; give the model's file, or the folder that it is in"
        case .severalModels(let path, let names):
            "the folder \(InputFile.quoted(path)) has several models, \(names.listed(atMost: 10)); give one of the files"
        case .loneShard(let path, let number, let count):
            "\(InputFile.quoted(path)) is part \(number) of \(count) of a model whose .safetensors.index.json is not beside it; put the "
                + "index and the other parts there"
        case .severalIndexes(let path, let names):
            "the folder \(InputFile.quoted(path)) has several indexes, \(names.listed()); "
                + "give one of them"
        case .missingShard(let path, let namedBy):
            "there is no file \(InputFile.quoted(path)), which \(namedBy.quoted) says holds a part of the model; put it there"
        case .shardNameDisagrees(let path, let expectedEnding):
            "\(InputFile.quoted(path)) is a part of a split file whose name must end with \(expectedEnding.quoted); rename it "
                + "and the other parts"
        case .shardNumberDisagrees(let path, let number, let count, let expectedNumber, let expectedCount):
            "\(InputFile.quoted(path)) is part \(number) of \(count), counted from 0, but must be part \(expectedNumber) of "
                + "\(expectedCount); put the right file there"
        case .notAShard(let path):
            "\(InputFile.quoted(path)) does not say that it is a part of a split file, as its name does; put the right file "
                + "there"
        case .shardTensorsDisagree(let path, let stated, let counted):
            "\(InputFile.quoted(path)) states \(stated) tensors in all parts, and they have \(counted); split the model again"
        case .tensorNotInShard(let tensor, let shard, let index):
            "tensor \(tensor.quoted) is not in \(shard.quoted), where \(index.quoted) says it is; fetch both again"
        case .tensorNotInIndex(let tensor, let shard, let index):
            "tensor \(tensor.quoted) is in \(shard.quoted), but \(index.quoted) does not say so; fetch both again"
        case .duplicateKey(let key):
            "the metadata has the key \(key.quoted) twice; give each key once"
        case .noWeights(let model):
            "the model \(model.quoted) is an inventory and has no weights; give its GGUF or safetensors files"
        case .fileChanged(let path):
            "\(InputFile.quoted(path)) changed while it was read; run the command again once it is complete"
        case .notAnImportanceMatrix(let path):
            "\(InputFile.quoted(path)) is no importance matrix; give a .gguf or .dat file of llama-imatrix"
        case .importanceDisagrees(let path, let tensor, let values):
            "\(InputFile.quoted(path)) has \(values) values for tensor \(tensor.name.quoted), whose shape is \(tensor.shape); give "
                + "the matrix of this model"
        case .gradientsOfNothing(let path):
            "\(InputFile.quoted(path)) has gradients of 0 sequences, which say nothing; capture them again"
        case .notGradients(let path):
            "\(InputFile.quoted(path)) has no gradients of a model; give a .gguf file of Examples/capture-gradients"
        case .gradientsDisagree(let path, let tensor, let rows):
            "\(InputFile.quoted(path)) has \(rows) rows for tensor \(tensor.name.quoted), whose shape is \(tensor.shape); give "
                + "the gradients of this model, captured with its file"
        case .impossibleImportance(let path, let tensor, let value):
            "\(InputFile.quoted(path)) has the value \(value) for tensor \(tensor.quoted); mean squares are finite and not "
                + "negative, so make it again"
        case .badAlignment(let value):
            "general.alignment is \(value), which is not a uint32 power of two; use one, such as 32"
        case .unwritableHeader(let reason):
            "the header of the safetensors file cannot be written: \(reason); take tensors out of the model"
        case .notInGGUF(let tensor, let type):
            "no GGUF file can hold tensor \(tensor.quoted) as \(type); take it out of the model"
        }
    }
}
