public import Checkpoints
import Converters
public import Recipes
public import Text

/// Why a model is not written.
public enum ConversionError: Error, Hashable, Sendable {
    // What is to be written

    /// The model, or the importance matrix, cannot be read.
    case checkpoint(CheckpointError)
    /// The recipe cannot be used for the model.
    case recipe(RecipeError)
    /// The model is none of which such a file can be made.
    case unknownModel(model: String, names: [String])
    /// The model is of another kind of file than what is made of it.
    case otherContainer(model: String)
    /// The model is a GGUF file, of which no folder is made.
    case noFolder(model: String)
    /// The model's folder does not say what network it is.
    case noConfiguration(folder: String)
    /// A file beside the model's weights cannot be read.
    case unreadableCompanion(path: String, reason: String)
    /// The program that the folder is for would not load it.
    case notLoadable(tensor: String, reason: String)
    /// A tensor has another number of elements than in the model that the recipe was made for.
    case otherShape(tensor: String, planned: Int, found: Int)
    /// A tensor is stored in a type that cannot be cast.
    case unreadableType(tensor: String, type: String, format: String)
    /// There is no encoder of the format.
    case noCodec(tensor: String, format: String)
    /// The format of a tensor needs the importance of its inputs, which is not known.
    case needsImportance(tensor: String, format: String)
    /// The recipe's table was made with an importance of the inputs that is not known here.
    case unknownImportance(String)
    /// The importance matrix knows no tensor of the model.
    case importanceOfOtherModel(path: String)
    /// The squared gradients know no tensor of the model.
    case gradientsOfOtherModel(path: String)
    /// The finished file that is to be brought up to date is of another model.
    case otherModel(path: String)
    /// What is to be brought up to date has every weight with as many bits as the model has, so it is none of its quantized files.
    case notFinished(path: String)
    /// The finished file that is to be brought up to date is one of several.
    case severalFiles(path: String)

    // While it is written

    /// A weight is infinite or not a number; positions count from 0.
    case weight(tensor: String, row: Int, column: Int, value: String)
    /// A row has weights that the format cannot hold.
    case overflow(tensor: String, row: Int, format: String)
    /// A row cannot be cast.
    case row(tensor: String, row: Int, problem: String)
    /// What was written is not what stands in the file.
    case damaged(tensor: String, path: String)
    /// The disk has too little room.
    case noRoom(path: String, needed: Int, available: Int)
    /// The file cannot be written.
    case cannotWrite(path: String, reason: String)
    /// Another program has what is written, or the file in its place.
    case beingWritten(path: String)
    /// Something came to stand in the file's place while it was written.
    case cameMeanwhile(path: String)
    /// What was written was taken away before it was whole, or another file has its name.
    case unfinishedGone(path: String)
    /// What stands in the file's place is not what an interrupted run put there.
    case notOfThisRun(path: String)
    /// What an interrupted run left is of another recipe, model or matrix.
    case otherRun(path: String, what: String)
    /// There is nothing to go on with.
    case nothingToResume(path: String)

    /// The record of a recipe.
    static func record(of recipe: Recipe) throws(ConversionError) -> RecipeRecord {
        do throws(RecipeError) {
            return try RecipeRecord(recipe)
        } catch {
            throw .recipe(error)
        }
    }

    /// Runs what reads a model, and makes its error one of these.
    static func wrapping<Result>(
        _ body: () throws(CheckpointError) -> Result
    ) throws(ConversionError) -> Result {
        do {
            return try body()
        } catch {
            throw .checkpoint(error)
        }
    }
}

extension ConversionError: CustomStringConvertible {
    /// What is wrong, where, and what to do, in one sentence.
    public var description: String {
        switch self {
        case .checkpoint(let error): error.description
        case .recipe(let error): error.description
        case .unknownModel(let model, let names):
            "\(model.quoted) is no GGUF file, and none of the diffusion models that GGUF files are made of here "
                + "(\(names.joined(separator: ", "))) under its publisher's names; give one of these, or for a language model "
                + "the GGUF file that llama.cpp's convert_hf_to_gguf.py makes of it"
        case .otherContainer(let model):
            "\(model.quoted) is a GGUF file, of which no safetensors file is made; give the model in safetensors"
        case .noFolder(let model):
            "\(model.quoted) is a GGUF file, of which no folder for MLX is made; give the model's folder from Hugging Face"
        case .noConfiguration(let folder):
            "\(folder.quoted) has no config.json beside the weights, which says what network the model is; give the model's whole "
                + "folder from Hugging Face"
        case .unreadableCompanion(let path, let reason):
            "cannot read \(path.quoted): \(reason); fetch the model again"
        case .notLoadable(let tensor, let reason):
            "mlx-lm would not load a folder with \(tensor.quoted) as it would be written: \(reason)"
        case .otherShape(let tensor, let planned, let found):
            "tensor \(tensor.quoted) has \(found) bytes in the recipe's format where the recipe says \(planned); give the model "
                + "that the recipe was made for"
        case .unreadableType(let tensor, let type, let format):
            "tensor \(tensor.quoted) is stored as \(type) and cannot be cast to \(format); give the model as it was before it was "
                + "quantized, in F32, F16, BF16 or float8"
        case .noCodec(let tensor, let format):
            "tensor \(tensor.quoted) is planned as \(format), which is not encoded here; plan converters lists what is"
        case .needsImportance(let tensor, let format):
            "\(format) is not made without an importance matrix, and there is none for tensor \(tensor.quoted); give the model's "
                + "matrix, or plan without the format"
        case .unknownImportance(let name):
            "the recipe's table was made with an importance of \(name.quoted), which is not known here; say what the encoders take"
        case .importanceOfOtherModel(let path):
            "the importance matrix \(path.quoted) knows no tensor of the model; give the matrix that was made with it"
        case .gradientsOfOtherModel(let path):
            "the gradients \(path.quoted) know no tensor of the model; give those that were captured from it"
        case .otherModel(let path):
            "\(path.quoted) does not have the model's weights by name and size, or has more; name a file that was made of it, or write a new one"
        case .notFinished(let path):
            "\(path.quoted) has no weight that was quantized, so it is no finished file of the model; name one, or write a new one"
        case .severalFiles(let path):
            "\(path.quoted) is one of several files of a model, which are not brought up to date; write the model anew"
        case .weight(let tensor, let row, let column, let value):
            "the weight in row \(row), column \(column) of tensor \(tensor.quoted) is \(value); fetch or convert the model again"
        case .overflow(let tensor, let row, let format):
            "\(format) cannot hold the weights in row \(row) of tensor \(tensor.quoted); plan another format for it"
        case .row(let tensor, let row, let problem):
            "row \(row) of tensor \(tensor.quoted) cannot be cast: \(problem)"
        case .damaged(let tensor, let path):
            "\(path.quoted) does not hold what was written to it for tensor \(tensor.quoted); check the disk"
        case .noRoom(let path, let needed, let available):
            "\(path.quoted) needs \(needed) bytes, and \(available) are free on its disk; make room, or name a file elsewhere"
        case .cannotWrite(let path, let reason):
            "cannot write \(path.quoted): \(reason); name another file, or make room for it"
        case .beingWritten(let path):
            "another program is writing \(path.quoted); wait until it ends, or name another file"
        case .cameMeanwhile(let path):
            "something came to stand at \(path.quoted) while it was written, and is not written over; take it away"
        case .unfinishedGone(let path):
            "\(path.quoted) was taken away or replaced while it was written; begin anew"
        case .notOfThisRun(let path):
            "\(path.quoted) is there, and is not what is written here, so that there is nothing to go on with; name another file, or "
                + "begin anew"
        case .otherRun(let path, let what):
            "\(path.quoted) was begun with another \(what); take it away, or begin anew"
        case .nothingToResume(let path):
            "there is no \(path.quoted) to go on with; begin anew"
        }
    }
}

extension ConversionError: WritingError {}

extension ConversionError: CategorizedError {
    /// Whether a file cannot be read or written, came out damaged, or what is in one is wrong.
    public var category: ErrorCategory {
        switch self {
        case .checkpoint(let error): error.category
        case .recipe(let error): error.category
        case .noRoom, .cannotWrite, .beingWritten, .cameMeanwhile, .unfinishedGone: .cannotWrite
        case .nothingToResume: .missingInput
        case .damaged: .failed
        case .unknownModel, .otherContainer, .noFolder, .noConfiguration, .unreadableCompanion, .notLoadable,
            .otherShape, .unreadableType, .noCodec, .needsImportance, .unknownImportance,
            .importanceOfOtherModel,
            .gradientsOfOtherModel, .otherModel, .notFinished, .severalFiles, .weight, .overflow, .row,
            .notOfThisRun, .otherRun:
            .badData
        }
    }
}
