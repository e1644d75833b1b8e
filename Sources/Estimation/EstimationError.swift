public import Checkpoints
package import Tensors
public import Text

/// Why a model's weights cannot be measured, or what was measured cannot be used.
public enum EstimationError: Error, Hashable, Sendable {
    // What is asked for

    /// No format is to be measured.
    case noFormats
    /// The format is none that rows can be cast to.
    case noCodec(format: String)
    /// A format is named twice.
    case formatTwice(String)
    /// The share of rows is not above 0 and at most 1.
    case rowShareOutOfRange(String)
    /// The text names no part such as `3/16`.
    case unreadablePart(String)

    /// A format is encoded with an importance matrix only, and there is none.
    case importanceMissing(format: String)

    /// The converter that the table is for does not make the format.
    case formatRefused(String, converter: String)

    // The model

    /// The model has no tensor that a plan would decide about.
    case nothingPlanned(model: String)
    /// No format that is smaller than the model's own is worth measuring, for whoever makes or loads the file.
    case nothingSmaller(model: String, source: String, for: FileUser)
    /// A model file or an importance matrix cannot be read.
    case checkpoint(CheckpointError)
    /// A tensor is stored in a type that is no source of weights.
    case unreadableType(tensor: String, type: String)
    /// The model is quantized already.
    case quantizedAlready(PackedWeight)
    /// A row has weights that cannot be measured.
    case weights(tensor: String, row: Int, problem: String)
    /// The importance matrix knows no tensor of the model.
    case importanceOfOtherModel(path: String)
    /// The file of gradients knows no tensor of the model.
    case gradientsOfOtherModel(path: String)
    /// The file of gradients knows tensors of the model, but none that is planned.
    case noGradients(path: String, total: Int)

    // What was measured before

    /// The file holds no measured errors, or a line of it is damaged.
    case malformed(path: String, line: Int, problem: String)
    /// The file was measured by an earlier version, which left out the errors without weights.
    case earlierVersion(path: String)
    /// The file was measured on another model, or with other settings.
    case differs(path: String, what: String, found: String, expected: String)
    /// Two files disagree about a tensor that both have.
    case conflict(tensor: String, path: String)
    /// Tensors of the model were not measured yet.
    case incomplete(missing: [String], total: Int)
    /// A tensor was measured with another shape than it has in the model.
    case otherShape(tensor: String)
    /// The file exists, and is not to be gone on with.
    case exists(path: String)
    /// The file cannot be written.
    case cannotWrite(path: String, reason: String)

    /// The losses are in formats whose errors the file does not have, while it has those of the others.
    case anchorsMissing(path: String, formats: [String])

    // From errors to impacts

    /// The sensitivity profile has no state that the error of a layer enters.
    case layerNotInProfile(layer: String, profile: String)
    /// Losses name layers that the model does not have.
    case lossOfUnknownLayer(layer: String, count: Int, path: String)
    /// No loss says anything of its layer: none is above zero, or none is of a format whose error is known.
    case noUsableLoss(path: String)
    /// Two files have different losses of a layer in a format.
    case lossesDisagree(layer: String, format: String, path: String)
    /// Two files have losses in different units.
    case otherUnit(path: String, found: String, expected: String)
    /// The losses were measured on another model.
    case lossesOfOtherModel(path: String, what: String, found: String, expected: String)
    /// The impacts make no table.
    case impacts(String)

    /// Who has no format that is worth measuring.
    public enum FileUser: Hashable, Sendable {
        /// A program that loads the file, which decodes none fast.
        case runtime(String)
        /// A converter, which makes none.
        case converter(String)
        /// The model's usual file, which holds none.
        case usualFile
    }

    /// Refuses formats that are encoded with an importance matrix only, where there is none.
    ///
    /// - Parameters:
    ///   - formats: The formats.
    ///   - isThere: Whether the encoders are given an importance.
    /// - Throws: ``importanceMissing(format:)`` with the first of them.
    package static func checkImportance(
        of formats: [QuantizationFormat],
        isThere: Bool
    ) throws(EstimationError) {
        guard !isThere, let needing = formats.first(where: \.needsImportanceMatrix) else { return }
        throw .importanceMissing(format: needing.name)
    }

    /// Runs what reads a model, and makes its error one of these.
    static func wrapping<Result>(
        _ body: () throws(CheckpointError) -> Result
    ) throws(EstimationError) -> Result {
        do {
            return try body()
        } catch {
            throw .checkpoint(error)
        }
    }
}

extension EstimationError: CustomStringConvertible {
    /// What is wrong, where, and what to do, in one sentence.
    public var description: String {
        switch self {
        case .noFormats:
            "there is no format to measure; name some"
        case .noCodec(let format):
            "weights cannot be cast to \(format) here; name formats that are measured"
        case .formatTwice(let format):
            "the format \(format) is named twice; name it once"
        case .rowShareOutOfRange(let share):
            "the share of rows is \(share); give more than 0 % and at most 100 %, such as 5%"
        case .unreadablePart(let text):
            "\(text.quoted) is no part; give its number and how many there are, such as 3/16"
        case .importanceMissing(let format):
            "\(format) is encoded with an importance matrix only; give one, or leave \(format) out"
        case .formatRefused(let format, let converter): "\(converter) does not accept \(format)"
        case .nothingPlanned(let model):
            "the model \(model) has no tensor of floats that a plan would decide about; plan inspect shows what it has"
        case .nothingSmaller(let model, let source, let user):
            user.none
                + " that is smaller than \(source), which \(model) is in; take the model in 16 bits, or plan for something else"
        case .checkpoint(let error):
            error.description
        case .unreadableType(let tensor, let type):
            "tensor \(tensor.quoted) is stored as \(type); give the model in F32, F16, BF16 or float8, before it was quantized"
        case .quantizedAlready(let weight):
            "the model is quantized already: \(weight); give it as it was before, in F32, F16 or BF16"
        case .weights(let tensor, let row, let problem):
            "row \(row) of tensor \(tensor.quoted) cannot be measured: \(problem); fetch or convert the model again"
        case .importanceOfOtherModel(let path):
            "the importance matrix \(path.quoted) knows no tensor of the model; give the GGUF that it was made with, or its matrix"
        case .gradientsOfOtherModel(let path):
            "\(path.quoted) knows no tensor of the model; capture the gradients with this model's file, so that they have its names"
        case .noGradients(let path, let total):
            "\(path.quoted) has gradients for none of the \(total) tensors that are planned; capture the gradients of these"
        case .malformed(let path, let line, let problem):
            "line \(line) of \(path.quoted) is none that plan estimate wrote: \(problem); name the file of errors, or measure into a new one"
        case .earlierVersion(let path):
            "\(path.quoted) was measured by an earlier version with an importance matrix, and lacks the errors without its weights; "
                + "measure again into another file"
        case .differs(let path, let what, let found, let expected):
            "\(path.quoted) was measured with another \(what), \(found) and not \(expected); give the same again, or another file"
        case .conflict(let tensor, let path):
            "\(path.quoted) has other errors for tensor \(tensor.quoted) than a file before it; measure the tensor again in one of them"
        case .incomplete(let missing, let total):
            "\(missing.count) of \(total) tensors were not measured, the first is '\(missing.first ?? "")'; measure them too"
        case .otherShape(let tensor):
            "tensor \(tensor.quoted) was measured with another number of rows than it has in the model; measure it again"
        case .exists(let path):
            "\(path.quoted) exists; go on with it, or name another file"
        case .cannotWrite(let path, let reason):
            "\(path.quoted) cannot be written (\(reason)); choose another place"
        case .anchorsMissing(let path, let formats):
            "the losses are in \(formats.joined(separator: ", ")), whose errors \(path.quoted) does not have; measure them into another "
                + "file"
        case .layerNotInProfile(let layer, let profile):
            "the sensitivity profile \(profile) has no state after layer \(layer.quoted); choose the grouping that it was measured "
                + "with, or leave the profile out"
        case .lossOfUnknownLayer(let layer, let count, let path):
            "\(path.quoted) has losses of "
                + (count == 1
                    ? "the layer \(layer.quoted), which the model does not have"
                    : "\(count) layers that the model does not have, such as \(layer.quoted)")
                + "; give the model and the grouping that they were measured with"
        case .noUsableLoss(let path):
            "no loss of \(path.quoted) is above zero in a format whose error is known; measure more, or on more text"
        case .lossesDisagree(let layer, let format, let path):
            "\(path.quoted) has another loss of \(layer.quoted) in \(format) than a file before it; leave one of the two out"
        case .otherUnit(let path, let found, let expected):
            "\(path.quoted) has losses in another unit, \(found) and not \(expected); give files of one unit"
        case .lossesOfOtherModel(let path, let what, let found, let expected):
            "\(path.quoted) was measured on another \(what), \(found) and not \(expected); give the model that it was measured on"
        case .impacts(let problem):
            problem
        }
    }
}

extension EstimationError.FileUser {
    /// That it has no format, of those that the sentence goes on with.
    fileprivate var none: String {
        switch self {
        case .runtime(let name): "\(name) decodes no format fast"
        case .converter(let name): "the converter \(name) makes no format"
        case .usualFile: "a file of the model has no format"
        }
    }
}

extension EstimationError: WritingError {}

extension EstimationError: CategorizedError {
    /// Whether what was asked for is wrong, a file cannot be read or written, or what is in one is wrong.
    public var category: ErrorCategory {
        switch self {
        case .noFormats, .noCodec, .formatTwice, .rowShareOutOfRange, .unreadablePart,
            .importanceMissing, .formatRefused:
            .usage
        case .checkpoint(let error): error.category
        case .exists, .cannotWrite: .cannotWrite
        case .unreadableType, .quantizedAlready, .weights, .importanceOfOtherModel, .gradientsOfOtherModel,
            .noGradients, .nothingPlanned, .nothingSmaller, .anchorsMissing, .malformed, .earlierVersion,
            .differs, .conflict, .incomplete, .otherShape,
            .layerNotInProfile, .lossOfUnknownLayer, .noUsableLoss, .lossesOfOtherModel, .lossesDisagree,
            .otherUnit, .impacts:
            .badData
        }
    }
}
