import Checkpoints
import Recipes
import Sensitivity
import Text

/// What a file holds, of what this program reads: so that a file in the place of another is named as what it is.
enum FileContents {
    case model
    case recipe
    case impactTable

    /// The largest text that is read once more to say what it is, in bytes: a hint is not worth the memory of a larger one.
    private static let textLimit = 1 << 24

    /// Looks into a file; nil where it is nothing that this program reads, or cannot be read.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - wanted: What it could not be read as, and is not tried again.
    private init?(of path: String, otherThan wanted: FileContents) {
        // What came through a pipe is still known.
        guard InputFile.byteCount(of: path) != nil || FileIdentity(of: path)?.isFolder == true else {
            return nil
        }
        if Model.holdsTensors(path: path) {
            self = .model
            return
        }
        guard let byteCount = InputFile.byteCount(of: path), byteCount <= Self.textLimit else { return nil }
        if wanted != .recipe, (try? RecipeReader.read(path: path)) != nil {
            self = .recipe
        } else if wanted != .impactTable, (try? ImpactTableReader.read(path: path)) != nil {
            self = .impactTable
        } else if wanted != .model, (try? Model.read(path: path)) != nil {
            self = .model
        } else {
            return nil
        }
    }

    /// What it is, with an article.
    private var name: String {
        switch self {
        case .model: "a model"
        case .recipe: "a recipe"
        case .impactTable: "an impact table"
        }
    }

    /// Why a file cannot stand in the place of another: that it is something else, and where that belongs.
    ///
    /// - Parameters:
    ///   - path: The file, which could not be read as what was wanted.
    ///   - wanted: What was wanted.
    /// - Returns: The sentence; nil where the file is nothing that is known.
    static func mistake(_ path: String, wanted: FileContents) -> String? {
        guard let found = FileContents(of: path, otherThan: wanted), found != wanted else { return nil }
        let place =
            switch found {
            case .model where wanted == .recipe: "a recipe is what plan --budget writes"
            case .model: "plan estimate makes a table of its weights"
            case .recipe: "plan quantize takes it with --recipe, and plan check tells whether it is right"
            case .impactTable: "name it with --impacts"
            }
        return "\(InputFile.quoted(path)) is \(found.name), not \(wanted.name); \(place)"
    }
}

extension SensitivityError {
    /// The file that is no table, or nil where that is not what is wrong.
    var fileThatIsNoTable: String? {
        switch self {
        case .file(let error) where !error.isMissingInput: error.path
        case .archive(let path): path
        case .badTable(let file, _, _), .badCells(let file, _): file
        default: nil
        }
    }
}

extension CheckpointError {
    /// The file that is no model, or nil where that is not what is wrong.
    var fileThatIsNoModel: String? {
        switch self {
        case .malformedJSON(let source, _, _): source
        case .unrecognizedFile(let path, _): path
        default: nil
        }
    }
}
