public import Text

/// What can go wrong with a recipe.
public enum RecipeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The recipe holds something that JSON cannot.
    case notWritable(String)
    /// The file cannot be read.
    case file(FileError)
    /// The file is no recipe, or one of a version that is not known.
    case malformed(source: String, detail: String)

    /// There is no converter of the name.
    case unknownConverter(String, known: [String])
    /// The recipe is for other tensors than the model has.
    case tensorsDiffer(onlyInRecipe: [String], onlyInModel: [String])
    /// A format is not one that the converter can make, and the layers that take it.
    case formatNotAccepted(format: String, layers: [String], converter: String, accepted: [String])
    /// A format's block does not divide a tensor's row.
    case formatDoesNotFit(tensor: String, format: String, rowLength: Int)
    /// The converter never quantizes these tensors, and the recipe does.
    case neverQuantized(tensors: [String], converter: String)
    /// The converter would leave a tensor as it is, which is not what the recipe says.
    case leftAsItIs(tensor: String, source: String, planned: String, converter: String)
    /// The converter gives these layers one format, and the recipe several.
    case layersDisagree([String], converter: String)
    /// The converter reads another kind of model.
    case wrongModel(tensor: String, converter: String, expected: String)
    /// The model's names are those of another kind of file than the converter reads.
    case otherNames(tensor: String, converter: String, wanted: String)
    /// This program writes no GGUF file of the model: whether it is a language model from Hugging Face, and the diffusion models of
    /// which it does.
    case noGGUF(isLanguageModel: Bool, known: [String])
    /// The model lacks a block that the converter expects.
    case lacksBlock(String, converter: String, expected: String)
    /// The converter cannot take a tensor, whatever is planned for it, and why.
    case cannotTake(tensor: String, reason: String, converter: String)
    /// A tensor that is not planned is kept in a format that the converter cannot make.
    case keptFormatNotAccepted(tensor: String, format: String, converter: String)
    /// A tensor's name has a character that would break the converter's file.
    case unsafeName(tensor: String, character: String, converter: String)
    /// The converter cannot tell two tensors apart, or would not take a rule as it is meant.
    case ruleMismatch(tensor: String, planned: String, found: String, converter: String)
    /// What is written has more bytes than a command line takes.
    case tooLong(converter: String, bytes: Int, limit: Int)

    /// The cause, then the remedy where there is one.
    public var description: String {
        switch self {
        case .notWritable(let detail): "the recipe cannot be written as JSON: \(detail)"
        case .file(let error): error.description
        case .malformed(let source, let detail):
            "\(InputFile.quoted(source)) is not a recipe: \(detail)"
        case .unknownConverter(let name, let known):
            "there is no converter named \(name.quoted); use \(known.joined(separator: ", "))"
        case .tensorsDiffer(let onlyInRecipe, let onlyInModel):
            "the recipe is for other tensors than the model has: "
                + [
                    onlyInRecipe.isEmpty ? nil : "only the recipe has \(onlyInRecipe.listed(quoted: false))",
                    onlyInModel.isEmpty ? nil : "only the model has \(onlyInModel.listed(quoted: false))",
                ].compactMap(\.self).joined(separator: ", ") + "; name the recipe's model"
        case .formatNotAccepted(let format, let layers, let converter, let accepted):
            "\(converter) cannot make \(format.visible), which \(layers.listed(quoted: false)) "
                + "\(layers.count == 1 ? "takes" : "take"); plan again with formats that it takes: "
                + accepted.joined(separator: ",")
        case .formatDoesNotFit(let tensor, let format, let rowLength):
            "the block of \(format) does not divide the row of \(rowLength) of \(tensor.quoted); "
                + "plan again from this model"
        case .neverQuantized(let tensors, let converter):
            "\(converter) never quantizes \(tensors.listed(quoted: false)); plan again for this converter"
        case .leftAsItIs(let tensor, let source, let planned, let converter):
            "\(converter) would leave \(tensor.quoted) in \(source), and the recipe says \(planned); "
                + "plan again for this converter"
        case .layersDisagree(let layers, let converter):
            "\(converter) gives these one format each, and the recipe does not: "
                + "\(layers.listed(quoted: false)); plan again for this converter"
        case .wrongModel(let tensor, let converter, let expected):
            "\(converter) reads \(expected) only, which has no place for \(tensor.quoted); "
                + "use another converter"
        case .otherNames(let tensor, let converter, let wanted):
            "\(converter) finds no tensor to quantize by the name \(tensor.quoted); plan again for "
                + wanted
        case .noGGUF(isLanguageModel: true, _):
            "of a language model in safetensors plan quantize writes a folder for MLX; for llama.cpp give the GGUF file that its "
                + "convert_hf_to_gguf.py makes of the model"
        case .noGGUF(isLanguageModel: false, let known):
            "plan quantize writes a GGUF file of GGUF files and of diffusion models in safetensors under their publishers' names "
                + "(\(known.joined(separator: ", "))), of which this is none"
        case .lacksBlock(let block, let converter, let expected):
            "\(converter) reads \(expected) only, and the model has no \(block.quoted); "
                + "use another converter"
        case .cannotTake(let tensor, let reason, let converter):
            "\(converter) cannot take \(tensor.quoted), \(reason); use another converter"
        case .keptFormatNotAccepted(let tensor, let format, let converter):
            "\(converter) cannot make \(format), in which \(tensor.quoted) is kept; keep it in another "
                + "format by another grouping, or use another converter"
        case .unsafeName(let tensor, let character, let converter):
            "the tensor's name \(tensor.quoted) has \(character), which no rule for \(converter) can "
                + "hold; rename the tensor"
        case .ruleMismatch(let tensor, let planned, let found, let converter):
            "the rules for \(converter) would give \(found) to \(tensor.quoted), and the recipe says "
                + "\(planned); rename the tensor, or use another converter"
        case .tooLong(let converter, let bytes, let limit):
            "the rules for \(converter) have \(bytes) bytes, and a command line takes \(limit); use fewer formats"
        }
    }
}

extension RecipeError: CategorizedError {
    /// Whether a recipe's file cannot be read, what is in it is wrong for the model and the converter, or this program wrote it wrong.
    public var category: ErrorCategory {
        switch self {
        case .file(let error): error.category
        case .malformed, .tensorsDiffer, .formatNotAccepted, .formatDoesNotFit, .neverQuantized, .leftAsItIs,
            .layersDisagree, .wrongModel, .otherNames, .noGGUF, .lacksBlock, .cannotTake,
            .keptFormatNotAccepted, .unsafeName, .ruleMismatch, .tooLong:
            .badData
        case .unknownConverter: .usage
        case .notWritable: .failed
        }
    }
}
