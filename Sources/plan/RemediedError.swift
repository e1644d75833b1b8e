import BitAllocation
import Calibration
import Checkpoints
import Conversion
import Estimation
import Planning
import Recipes
import Runtimes
import Sensitivity
import Text

/// An error of a module with what helps against it in this program, whose options and commands modules do not know.
protocol RemediedError: CategorizedError {
    /// The option or the command that helps, behind the error's own sentence; empty where there is none.
    var remedy: String { get }
    /// A sentence in place of the error's own, where the file is something else that this program reads; nil where it is not.
    var mistake: String? { get }
}

extension RemediedError {
    var remedy: String { "" }
    var mistake: String? { nil }
}

extension PlanningError: RemediedError {
    var remedy: String {
        switch self {
        case .allocation(.solverNotBuiltIn): " (--solver)"
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
        case .commonSpread: " (plan estimate --rows 5%)"
        case .otherCosts: "; name the right file with --costs, or use --force"
        case .noSecondBudget: " (--costs)"
        case .fileOfOtherModel: "; name the model that it was made from with --model"
        default: ""
        }
    }
}

extension RuntimeError: RemediedError {
    var remedy: String {
        switch self {
        case .noNetwork, .unknownCache, .missingValue, .nothingStated:
            " with --reserve, such as --reserve 2GiB"
        case .noContext: " with --context, such as --context 8192"
        default: ""
        }
    }
}

extension EstimationError: RemediedError {
    var remedy: String {
        switch self {
        case .noFormats: " (--formats)"
        case .importanceMissing: " (--imatrix, --formats)"
        case .anchorsMissing: ", named with --errors"
        case .formatRefused: "; plan converters lists what it accepts"
        case .noCodec: "; plan estimate --help lists them"
        case .exists: " (--resume)"
        case .layerNotInProfile: " (--grouping, --profile)"
        default: ""
        }
    }
}

extension CalibrationError: RemediedError {
    var remedy: String { if case .exists = self { " (--resume, -o)" } else { "" } }
}

extension RecipeError: RemediedError {
    var remedy: String {
        switch self {
        case .formatNotAccepted: " (--formats)"
        case .neverQuantized(_, let converter), .leftAsItIs(_, _, _, let converter),
            .layersDisagree(_, let converter):
            " (--converter \(converter))"
        case .keptFormatNotAccepted: " (--grouping, --keep)"
        default: ""
        }
    }

    var mistake: String? {
        guard case .malformed(let source, _) = self else { return nil }
        return FileContents.mistake(source, wanted: .recipe)
    }
}

extension ConversionError: RemediedError {
    var remedy: String {
        switch self {
        case .recipe(let error): error.remedy
        case .unknownImportance: " with --importance"
        default: ""
        }
    }
    var mistake: String? { if case .recipe(let error) = self { error.mistake } else { nil } }
}

extension SensitivityError: RemediedError {
    var remedy: String { if case .formatsNotNamed = self { " (--low-format, --high-format)" } else { "" } }
    var mistake: String? { fileThatIsNoTable.flatMap { FileContents.mistake($0, wanted: .impactTable) } }
}

extension CheckpointError: RemediedError {
    var mistake: String? { fileThatIsNoModel.flatMap { FileContents.mistake($0, wanted: .model) } }
}
