public import Checkpoints
public import Sensitivity
public import Text

/// Why end losses cannot be measured.
public enum CalibrationError: Error, Hashable, Sendable {
    // The model

    /// A model file or an importance matrix cannot be read.
    case checkpoint(CheckpointError)
    /// A tensor is stored in a type that its weights cannot be replaced in.
    case unreadableType(tensor: String, type: String)
    /// No format fits a layer of the model, or of the part of it that is measured.
    case nothingToMeasure(isPart: Bool)
    /// A tensor has weights that cannot be cast.
    case weights(tensor: String, problem: String)

    // The scratch copy

    /// The copy would go onto the model itself.
    case scratchIsModel(path: String)
    /// The folder of the scratch copy holds files that no scratch copy left there.
    case scratchInUse(path: String)
    /// The disk has no room for the copy.
    case diskFull(path: String, needed: Int, free: Int)
    /// A file cannot be written.
    case cannotWrite(path: String, reason: String)

    // The runtime

    /// The text that the model is compared on has no words.
    case emptyText(path: String)
    /// The expression that finds the loss is none, or has no group.
    case badExpression(String, problem: String)
    /// The command has no `{}` for the model.
    case noPlaceForModel(command: String)
    /// The program cannot be started.
    case cannotStart(program: String, reason: String)
    /// The command ended with another code than 0; the text is the end of what it wrote.
    case commandFailed(command: String, ending: String, output: String)
    /// The command wrote no loss; the text is the end of what it wrote.
    case noLoss(command: String, expression: String, output: String)
    /// It was asked to stop.
    case interrupted

    // What was measured before

    /// The file exists, and is not to be gone on with.
    case exists(path: String)
    /// The file holds losses of another model, or ones that were measured in another way.
    case differs(path: String, what: String, found: String, expected: String)
    /// The file holds no losses that can be read.
    case losses(SensitivityError)
    /// The file is none that losses can be appended to.
    case malformed(path: String, line: Int, problem: String)

    /// Runs what reads a model, and makes its error one of these.
    static func wrapping<Result>(
        _ body: () throws(CheckpointError) -> Result
    ) throws(CalibrationError) -> Result {
        do {
            return try body()
        } catch {
            throw .checkpoint(error)
        }
    }
}

extension CalibrationError: CustomStringConvertible {
    /// What is wrong, where, and what to do, in one sentence.
    public var description: String {
        switch self {
        case .checkpoint(let error):
            error.description
        case .unreadableType(let tensor, let type):
            "tensor \(tensor.quoted) is stored as \(type); give the model in F32, F16 or BF16, before it was quantized"
        case .nothingToMeasure(let isPart):
            "there is nothing to measure: no format fits a layer\(isPart ? " of this part" : "")"
        case .weights(let tensor, let problem):
            "tensor \(tensor.quoted) cannot be cast: \(problem); fetch or convert the model again"
        case .scratchIsModel(let path):
            "the scratch copy \(path.quoted) would be the model itself; choose another folder for it"
        case .scratchInUse(let path):
            "the folder \(path.quoted) holds files of somebody's, and a scratch copy replaces and removes what is in its folder; name a new "
                + "folder or an empty one for it"
        case .diskFull(let path, let needed, let free):
            "the scratch copy takes \(needed) more bytes, and the disk of \(path.quoted) has \(free); choose another folder for it"
        case .cannotWrite(let path, let reason):
            "\(path.quoted) cannot be written (\(reason)); choose another place"
        case .emptyText(let path):
            "the text \(path.quoted) is empty; give plain text of the kind that the model is used for"
        case .badExpression(let expression, let problem):
            "\(expression.quoted) finds no loss: \(problem); give a regular expression whose first group is the number"
        case .noPlaceForModel(let command):
            "the command \(command.quoted) has no {} where the model goes; write it there"
        case .cannotStart(let program, let reason):
            "\(program.quoted) cannot be started (\(reason)); give the path of the program"
        case .commandFailed(let command, let ending, let output):
            "\(command.quoted) \(ending)" + Self.tail(output)
        case .noLoss(let command, let expression, let output):
            "\(command.quoted) wrote nothing that \(expression.quoted) finds a finite loss in"
                + Self.tail(output)
        case .interrupted:
            "interrupted before the first loss was measured"
        case .exists(let path):
            "\(path.quoted) exists; go on with it, or name another file"
        case .differs(let path, let what, let found, let expected):
            "\(path.quoted) was measured with another \(what), \(found) and not \(expected); give the same again, or another file"
        case .losses(let error):
            error.description
        case .malformed(let path, let line, let problem):
            "line \(line) of \(path.quoted) is none that losses can be added to: \(problem); name another file"
        }
    }

    private static func tail(_ output: String) -> String {
        output.isEmpty ? "; it wrote nothing" : "; its output ends with:\n\(output)"
    }
}

extension CalibrationError: WritingError {}

extension CalibrationError: CategorizedError {
    /// Whether what was asked for is wrong, a file cannot be read or written, or the program that was run failed.
    public var category: ErrorCategory {
        switch self {
        case .checkpoint(let error): error.category
        case .losses(let error): error.category
        case .unreadableType, .nothingToMeasure, .weights, .differs, .malformed, .emptyText: .badData
        case .scratchIsModel, .scratchInUse, .badExpression, .noPlaceForModel: .usage
        case .diskFull, .cannotWrite, .exists: .cannotWrite
        case .cannotStart: .missingInput
        case .commandFailed, .noLoss: .failed
        case .interrupted: .interrupted
        }
    }
}
