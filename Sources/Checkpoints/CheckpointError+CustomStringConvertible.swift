import Tensors

extension CheckpointError: CustomStringConvertible {
    /// What is wrong and, where there is one, the remedy, in one clause.
    public var description: String {
        switch self {
        case .noSuchFile(let path):
            "there is no file \(quoted(path)); check its path"
        case .unreadableFile(let path, let reason):
            "\(quoted(path)) cannot be read (\(reason)); check that it is a file and that you may read it"
        case .fileTooLarge(let path, let limit):
            "\(quoted(path)) is larger than the \(limit) bytes an inventory may have; check that it is one"
        case .malformedJSON(let source, let detail):
            "\(quoted(source)) is not an inventory: \(detail); correct it there"
        case .nameTooLong(let source, let name, let limit):
            "\(quoted(source)) has the name \(quoted(name.prefix(40) + "…")), which is longer than \(limit) bytes; "
                + "shorten it"
        case .emptyModelName(let source):
            "\(quoted(source)) has an empty model name; give it one"
        case .tooManyDimensions(let source, let tensor, let count, let limit):
            "\(quoted(source)) gives tensor \(quoted(tensor)) \(count) dimensions; use at most \(limit)"
        case .unknownFormat(let source, let tensor, let format):
            "\(quoted(source)) gives tensor \(quoted(tensor)) the unknown type \(quoted(format)); use the name of a "
                + "known format, such as BF16, or leave it out"
        case .invalidTensor(let source, let error):
            "\(quoted(source)) has an impossible tensor: \(error)"
        case .parametersDisagree(let source, let stated, let counted):
            "\(quoted(source)) states \(stated) parameters, but its tensors have \(counted); correct the number or "
                + "leave it out"
        case .noTensors(let model):
            "the model \(quoted(model)) has no tensors; a plan needs at least one"
        case .duplicateTensor(let name, let model):
            "the model \(quoted(model)) has two tensors named \(quoted(name)); name each tensor once"
        case .tooManyParameters(let model):
            "the tensors of the model \(quoted(model)) have more than 2^56 elements together; check their shapes"
        case .unknownModel(let name, let known):
            "there is no built-in model \(quoted(name)); use \(known.joined(separator: ", ")) or a file"
        case .malformedFile(let path, let offset, let defect):
            "\(quoted(path)) is malformed at byte \(offset): \(defect)"
        case .unrecognizedFile(let path, ""):
            "\(quoted(path)) is empty; give a GGUF or safetensors file, an index or an inventory"
        case .unrecognizedFile(let path, let beginning):
            "\(quoted(path)) begins with \(quoted(beginning)) and is no model in a known form; give a GGUF or "
                + "safetensors file, an index or an inventory"
        case .noModelInFolder(let path):
            "the folder \(quoted(path)) has no model in it; give the model's file, or the folder that it is in"
        case .severalModels(let path, let names):
            "the folder \(quoted(path)) has several models, \(names.prefix(10).map { quoted($0) }.joined(separator: ", "))"
                + "\(names.count > 10 ? " and \(names.count - 10) more" : ""); give one of the files"
        case .filePointer(let path):
            "\(quoted(path)) is a pointer of Git LFS, and the file itself is not fetched yet; run git lfs pull"
        case .loneShard(let path, let number, let count):
            "\(quoted(path)) is part \(number) of \(count) of a model whose .safetensors.index.json is not beside it; put the "
                + "index and the other parts there"
        case .severalIndexes(let path, let names):
            "the folder \(quoted(path)) has several indexes, \(names.map { quoted($0) }.joined(separator: ", ")); "
                + "give one of them"
        case .missingShard(let path, let namedBy):
            "there is no file \(quoted(path)), which \(quoted(namedBy)) says holds a part of the model; put it there"
        case .shardNameDisagrees(let path, let expectedEnding):
            "\(quoted(path)) is a part of a split file whose name must end with \(quoted(expectedEnding)); rename it "
                + "and the other parts"
        case .shardNumberDisagrees(let path, let number, let count, let expectedNumber, let expectedCount):
            "\(quoted(path)) is part \(number) of \(count), counted from 0, but must be part \(expectedNumber) of "
                + "\(expectedCount); put the right file there"
        case .notAShard(let path):
            "\(quoted(path)) does not say that it is a part of a split file, as its name does; put the right file "
                + "there"
        case .shardTensorsDisagree(let path, let stated, let counted):
            "\(quoted(path)) states \(stated) tensors in all parts, and they have \(counted); split the model again"
        case .tensorNotInShard(let tensor, let shard, let index):
            "tensor \(quoted(tensor)) is not in \(quoted(shard)), where \(quoted(index)) says it is; fetch both again"
        case .tensorNotInIndex(let tensor, let shard, let index):
            "tensor \(quoted(tensor)) is in \(quoted(shard)), but \(quoted(index)) does not say so; fetch both again"
        case .duplicateKey(let key):
            "the metadata has the key \(quoted(key)) twice; give each key once"
        case .noWeights(let model):
            "the model \(quoted(model)) is an inventory and has no weights; give its GGUF or safetensors files"
        case .fileChanged(let path):
            "\(quoted(path)) changed while it was read; run the command again once it is complete"
        case .notAnImportanceMatrix(let path):
            "\(quoted(path)) is no importance matrix; give what llama-imatrix writes, a .gguf or .dat file"
        case .importanceDisagrees(let path, let tensor, let values):
            "\(quoted(path)) has \(values) values for tensor \(quoted(tensor.name)), whose shape is \(tensor.shape); give "
                + "the matrix of this model"
        case .gradientsOfNothing(let path):
            "'\(path)' has gradients of 0 sequences, which say nothing; capture them again"
        case .notGradients(let path):
            "\(quoted(path)) has no gradients of a model; give what Examples/capture-gradients writes, a .gguf file"
        case .gradientsDisagree(let path, let tensor, let rows):
            "\(quoted(path)) has \(rows) rows for tensor \(quoted(tensor.name)), whose shape is \(tensor.shape); give "
                + "the gradients of this model, captured with its file"
        case .impossibleImportance(let path, let tensor, let value):
            "\(quoted(path)) has the value \(value) for tensor \(quoted(tensor)); mean squares are finite and not "
                + "negative, so make it again"
        case .badAlignment(let value):
            "general.alignment is \(value), which is not a uint32 power of two; use one, such as 32"
        case .unwritableHeader(let reason):
            "the header of the safetensors file cannot be written: \(reason); take tensors out of the model"
        case .notInGGUF(let tensor, let type):
            "no GGUF file can hold tensor \(quoted(tensor)) as \(type); take it out of the model"
        }
    }
}
