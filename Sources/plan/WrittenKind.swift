import Conversion
import Converters
import Recipes
import Reports
import Sensitivity
import Text

/// What a command puts into a file, by which it knows a file that it may write over.
enum WrittenKind {
    /// A recipe.
    case recipe
    /// An impact table, as the project's own CSV.
    case impactTable
    /// The errors of a model's weights, which are only ever appended to.
    case errors
    /// The losses of a model's layers, which are only ever appended to.
    case losses
    /// The tables of `plan measure`, as JSON.
    case measurement
    /// The tables of `plan measure`, as a page in Markdown.
    case analysis
    /// The page of `plan report`.
    case page
    /// The curve of `plan frontier`.
    case curve(FrontierCommand.Output)
    /// A quantized model, which is never written over what another run made unless that is asked for.
    case model
    /// A quantized model that is brought up to date.
    case updatedModel
    /// What `plan quantize` leaves of a model that is not whole yet.
    case unfinishedModel
    /// What stands beside a model that records its recipe.
    case fileRecord
    /// The file of a converter that is going to be written.
    case rules(ConverterFile, converter: String)

    /// What it is called.
    var name: String {
        switch self {
        case .recipe: "recipe"
        case .impactTable: "impact table that plan wrote"
        case .errors: "file of errors"
        case .losses: "file of losses"
        case .measurement: "file of plan measure"
        case .analysis: "sensitivity analysis"
        case .page: "page of plan report"
        case .curve: "curve of plan frontier in that format"
        case .model: "empty file"
        case .updatedModel: "model"
        case .unfinishedModel: "unfinished file of plan quantize"
        case .fileRecord: "record of a file by plan quantize --record"
        case .rules(_, let converter): "file for \(converter) that plan wrote"
        }
    }

    /// What it is written in, and an ending that says so; nil where the name of the file may say anything.
    var language: (name: String, ending: String)? {
        switch self {
        case .recipe, .curve(.json): ("JSON", ".json")
        case .impactTable, .curve(.csv): ("CSV", ".csv")
        case .page: ("HTML", ".html")
        case .curve(.svg): ("SVG", ".svg")
        case .curve(.markdown): ("Markdown", ".md")
        case .curve(.text): ("text", ".txt")
        case .errors, .losses, .measurement, .analysis, .model, .updatedModel, .unfinishedModel, .fileRecord,
            .rules:
            nil
        }
    }

    /// Whether a file holds what this program would put there, or nothing.
    func mayReplace(_ path: String) -> Bool {
        guard let file = InspectedFile(path: path) else { return false }
        if file.isEmpty { return true }
        return switch self {
        case .recipe: Recipe.isRecipe(file)
        case .impactTable: MarkedTable.isOwn(file)
        case .errors, .losses, .updatedModel: true
        case .measurement: MeasuredCaptures.isMeasurement(file)
        case .analysis: SensitivityAnalysisPage.isPage(file)
        case .page: ReportPage.isPage(file)
        case .curve(.svg): FrontierReport.isDrawing(file)
        case .curve(.text): Self.isCurve(file, as: .text)
        case .curve(.json): Self.isCurve(file, as: .json)
        case .curve(.csv): Self.isCurve(file, as: .csv)
        case .curve(.markdown): Self.isCurve(file, as: .markdown)
        case .model: false
        case .unfinishedModel: ModelWriter.isUnfinished(path)
        case .fileRecord: FileRecord.isRecord(file)
        case .rules(let new, _): new.resembles(file)
        }
    }

    /// Whether a file holds a curve of size or of speed.
    private static func isCurve(_ file: InspectedFile, as format: OutputFormat) -> Bool {
        FrontierReport.isCurve(file, as: format) || SpeedFrontier.isCurve(file, as: format)
    }
}
