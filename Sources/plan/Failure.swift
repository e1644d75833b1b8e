import BitAllocation
import Calibration
import Checkpoints
import Conversion
import Converters
import Estimation
import Text
import Planning
import Recipes
import Runtimes
import Sensitivity
import Tensors

/// Why a command ends without an answer: one sentence and the exit code that goes with it.
struct Failure: Error {
    let code: Int32
    let message: String

    /// No plan fits the budget.
    static let noPlan: Int32 = 2
    /// A limit was reached with no plan.
    static let limitReached: Int32 = 3
    /// Wrong usage (`EX_USAGE`).
    static let usage: Int32 = 64
    /// Bad input data (`EX_DATAERR`).
    static let badData: Int32 = 65
    /// No such input (`EX_NOINPUT`).
    static let noInput: Int32 = 66
    /// The output cannot be written (`EX_CANTCREAT`).
    static let cannotWrite: Int32 = 73
    /// Ctrl-C ended the command with nothing whole, as shells number it.
    static let interrupted: Int32 = 130

    /// The search ended before it found a plan to show: at a limit, or by Ctrl-C.
    static var noPlanFound: Failure {
        Interruption.isRequested
            ? Failure(code: interrupted, message: "interrupted before there was a plan")
            : Failure(code: limitReached, message: "the search ended before it found a plan to show")
    }
}

/// Runs a part of a command and gives every module's errors their exit codes.
func translatingErrors<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch AllocationError.limitReached where Interruption.isRequested {
        throw Failure.noPlanFound
    } catch let error as AllocationError {
        throw Failure(
            code: error.exitCode,
            message: PlanningError.allocation(error).description + error.remedy
        )
    } catch let error as PlanningError {
        let code =
            switch error {
            case .allocation(let error): error.exitCode
            case .contradiction, .noneFits, .cardFull, .deviceFull, .devicesTooSmall, .tooSlow: Failure.noPlan
            case .unreadableBudget, .formatNotInTable, .patternMatchesNothing, .patternOverruled,
                .aboveSource,
                .tiesNothing,
                .formatNowhere,
                .formatFitsNowhere, .formatLacking, .formatRefused, .notLoaded, .notDecoded,
                .bandwidthMissing,
                .noFormatLimitOnDevices, .noSecondBudget:
                Failure.usage
            case .layersWithoutTensors, .layersNamedOtherwise, .layersWithoutImpacts, .rowsTooShort,
                .unknownFormat, .noSpread, .unusableLosses, .quantizedAlready, .quantizesNothing,
                .keptOtherwise,
                .noFormatAccepted, .noFormatDecoded, .otherImportanceMatrix, .recipeOfOtherLayers, .noOption,
                .otherTable, .tableOfOtherArchitecture, .otherCosts, .measuredSizes, .fileOfOtherModel,
                .unknownStorage:
                Failure.badData
            }
        throw Failure(code: code, message: error.description + error.remedy)
    } catch let error as FileError {
        throw Failure(code: error.exitCode, message: error.description)
    } catch let error as RuntimeError {
        throw Failure(runtime: error)
    } catch let error as JSONWritingError {
        throw Failure(code: Failure.badData, message: error.description)
    } catch let error as SensitivityError {
        let mistake = error.fileThatIsNoTable.flatMap { FileContents.mistake($0, wanted: .impactTable) }
        throw Failure(
            code: error.isMissingInput ? Failure.noInput : Failure.badData,
            message: mistake ?? error.description + error.remedy
        )
    } catch let error as CheckpointError {
        let mistake = error.fileThatIsNoModel.flatMap { FileContents.mistake($0, wanted: .model) }
        throw Failure(code: error.exitCode, message: mistake ?? error.description)
    } catch let error as EstimationError {
        let code =
            switch error {
            case .noFormats, .noCodec, .formatTwice, .rowShareOutOfRange, .unreadablePart: Failure.usage
            case .checkpoint(let error): error.exitCode
            case .exists, .cannotWrite: Failure.cannotWrite
            case .unreadableType, .quantizedAlready, .weights, .importanceOfOtherModel,
                .gradientsOfOtherModel, .noGradients, .malformed,
                .earlierVersion, .differs,
                .conflict,
                .incomplete, .otherShape, .layerNotInProfile, .lossOfUnknownLayer, .noUsableLoss,
                .lossesOfOtherModel, .lossesDisagree, .otherUnit, .impacts:
                Failure.badData
            }
        throw Failure(code: code, message: error.description + error.remedy)
    } catch ConversionError.checkpoint(let error) {
        throw Failure(code: error.exitCode, message: error.description)
    } catch ConversionError.recipe(let error) {
        return try translatingErrors { () throws -> Result in throw error }
    } catch let error as ConversionError {
        let code =
            switch error {
            case .noRoom, .cannotWrite, .beingWritten, .cameMeanwhile, .unfinishedGone: Failure.cannotWrite
            case .nothingToResume: Failure.noInput
            case .damaged: Int32(1)
            default: Failure.badData
            }
        throw Failure(code: code, message: error.description)
    } catch let error as CalibrationError {
        throw Failure(code: error.exitCode, message: error.description + error.remedy)
    } catch let error as TensorError {
        let code =
            switch error {
            case .file(let error): error.exitCode
            case .unknownGrouping: Failure.noInput
            default: Failure.badData
            }
        throw Failure(code: code, message: error.description)
    } catch let error as RecipeError {
        let code =
            switch error {
            case .file(let error): error.exitCode
            case .malformed, .tensorsDiffer, .formatNotAccepted, .formatDoesNotFit, .neverQuantized,
                .leftAsItIs,
                .layersDisagree, .wrongModel, .otherNames, .noGGUF, .lacksBlock, .cannotTake,
                .keptFormatNotAccepted,
                .unsafeName, .ruleMismatch, .tooLong:
                Failure.badData
            case .unknownConverter: Failure.usage
            case .notWritable: Int32(1)
            }
        var mistake: String?
        if case .malformed(let source, _) = error {
            mistake = FileContents.mistake(source, wanted: .recipe)
        }
        throw Failure(code: code, message: mistake ?? error.description + error.remedy)
    }
}

extension Failure {
    /// Why what a runtime keeps is not known, with the option that helps.
    init(runtime error: RuntimeError) {
        let remedy =
            switch error {
            case .noNetwork, .unknownCache, .missingValue, .nothingStated:
                " with --reserve, such as --reserve 2GiB"
            case .noContext: " with --context, such as --context 8192"
            case .impossibleValue, .cacheFormatsDiffer, .cacheBlockDoesNotDivide, .valuesNeedFlashAttention,
                .wrongRuntime, .settingOutOfRange, .settingWithoutPart, .unplaceable, .blocksNotKnown,
                .placesNothing:
                ""
            }
        let code =
            switch error {
            case .missingValue, .nothingStated, .impossibleValue, .unplaceable: Self.badData
            default: Self.usage
            }
        self.init(code: code, message: error.description + remedy)
    }
}

extension AllocationError {
    /// The option that helps, behind the error's own sentence.
    fileprivate var remedy: String { self == .solverNotBuiltIn ? " (--solver)" : "" }
}

extension SensitivityError {
    /// The options that help, behind the error's own sentence.
    fileprivate var remedy: String {
        if case .formatsNotNamed = self { " (--low-format, --high-format)" } else { "" }
    }
}

extension EstimationError {
    /// The option or the command that helps, behind the error's own sentence.
    fileprivate var remedy: String {
        switch self {
        case .noFormats: " (--formats)"
        case .noCodec: "; plan estimate --help lists them"
        case .exists: " (--resume)"
        case .layerNotInProfile: " (--grouping, --profile)"
        default: ""
        }
    }
}

extension RecipeError {
    /// The option or the command that helps, behind the error's own sentence.
    fileprivate var remedy: String {
        switch self {
        case .formatNotAccepted: " (--formats)"
        case .neverQuantized(_, let converter), .leftAsItIs(_, _, _, let converter),
            .layersDisagree(_, let converter):
            " (--converter \(converter))"
        case .keptFormatNotAccepted: " (--grouping, --keep)"
        default: ""
        }
    }
}

extension PlanningError {
    /// The option or the command that helps, behind the error's own sentence.
    fileprivate var remedy: String {
        switch self {
        case .layersNamedOtherwise(_, let change, let ignoringCase):
            "; say so with "
                + [change.map { "--rename \(ShellText.word($0))" }, ignoringCase ? "--ignore-case" : nil]
                .compactMap(\.self).joined(separator: " ")
        case .layersWithoutTensors: " (--grouping, --model)"
        case .tableOfOtherArchitecture: " (--impacts)"
        case .layersWithoutImpacts: " (--keep GLOB, --pin GLOB=FORMAT)"
        case .patternMatchesNothing: "; plan inspect MODEL --layers lists the layers' names"
        case .unknownFormat: "; --define NAME=BYTES/ELEMENTS makes one known"
        case .quantizedAlready(_, isReadable: true):
            ", or let no layer get more bits than it has (--allow-requantize)"
        case .keptOtherwise: " (--pin)"
        case .noFormatAccepted, .formatRefused: "; plan converters lists what it accepts"
        case .otherTable: "; name the right one with --impacts, or use --force"
        case .otherCosts: "; name the right file with --costs, or use --force"
        case .noSecondBudget: " (--costs)"
        case .fileOfOtherModel: "; name the model that it was made from with --model"
        default: ""
        }
    }
}

extension AllocationError {
    fileprivate var exitCode: Int32 {
        switch self {
        case .infeasible, .layerWithoutOptions, .overconstrained, .impactOutOfReach: Failure.noPlan
        case .limitReached: Failure.limitReached
        case .solverNotBuiltIn: Failure.usage
        case .invalidProblem: Failure.badData
        }
    }
}

extension CalibrationError {
    /// The option that helps, behind the error's own sentence.
    fileprivate var remedy: String {
        if case .exists = self { " (--resume, -o)" } else { "" }
    }

    fileprivate var exitCode: Int32 {
        switch self {
        case .checkpoint(let error): error.exitCode
        case .losses(let error): error.isMissingInput ? Failure.noInput : Failure.badData
        case .unreadableType, .weights, .differs, .malformed, .emptyText: Failure.badData
        case .scratchIsModel, .scratchInUse, .badExpression, .noPlaceForModel: Failure.usage
        case .diskFull, .cannotWrite, .exists: Failure.cannotWrite
        case .cannotStart: Failure.noInput
        case .commandFailed, .noLoss: 1
        case .interrupted: Failure.interrupted
        }
    }
}

extension CheckpointError {
    fileprivate var exitCode: Int32 {
        switch self {
        case .file(let error): error.exitCode
        default: Failure.badData
        }
    }
}

extension FileError {
    /// The code of a file that cannot be read or written, whatever option named it.
    var exitCode: Int32 {
        if case .unwritable = problem { return Failure.cannotWrite }
        return isMissingInput ? Failure.noInput : Failure.badData
    }
}

extension SensitivityError {
    fileprivate var isMissingInput: Bool {
        switch self {
        case .file(let error): error.isMissingInput
        default: false
        }
    }
}
