import Conversion
import Converters
import Foundation
import Recipes
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

    /// The largest file that is looked into, in bytes: more than this program writes.
    private static let byteLimit = 1 << 28

    /// Whether a file holds what this program would put there, or nothing.
    func mayReplace(_ path: String) -> Bool {
        guard let file = try? ByteSource(path: path, streamLimit: nil) else { return false }
        if file.byteCount == 0 { return true }
        guard let beginning = try? file.bytes(0..<min(file.byteCount, 1 << 16)) else { return false }
        let head = String(decoding: beginning, as: UTF8.self)
        let lines = head.split(whereSeparator: \.isNewline).lazy.filter { !$0.hasPrefix("#") }
        func outline() -> JSONOutline? {
            guard head.first == "{", let bytes = try? file.bytes(limit: Self.byteLimit) else { return nil }
            return JSONOutline(bytes)
        }
        switch self {
        case .recipe:
            let recipe = outline()
            return recipe?.text("name", in: "generator") == "plan" && recipe?["layers"] == .array
        case .impactTable:
            guard head.hasPrefix("# kind: "), let bytes = try? file.bytes(limit: Self.byteLimit) else {
                return false
            }
            return MarkedTable.isOwn(String(decoding: bytes, as: UTF8.self))
        case .errors, .losses: return true
        case .model: return false
        case .updatedModel: return true
        case .unfinishedModel: return ModelWriter.isUnfinished(path)
        case .fileRecord:
            guard let record = outline(), case .object = record["recipe"] else { return false }
            return record.text("sha256", in: "file") != nil
        case .measurement:
            let tables = outline()
            return [
                ["layerCount", "perturbation", "states", "casts"], ["perturbations", "outputs", "casts"],
            ].contains { tables?.has($0) ?? false }
        case .analysis:
            return head.hasPrefix("# Sensitivity Analysis") && head.contains("#### Table 1")
        case .page: return head.hasPrefix("<!doctype html>") && head.contains(": the best plans</title>")
        case .curve(.svg):
            return head.hasPrefix("<svg ") && head.contains(": impact against size of the best plans</title>")
        case .curve(.csv):
            return ["kind,name,bytes,impact,", "minSpeed,speed,bytes,"].contains {
                lines.first?.hasPrefix($0) ?? false
            }
        case .curve(.json):
            let curve = outline()
            return [["combine", "complete", "points", "compared"], ["combine", "devices", "speeds"]]
                .contains { curve?.has($0) ?? false }
        case .curve(.text), .curve(.markdown):
            return lines.first?.wholeMatch(
                of:
                    /.*: ([0-9,]+ best plans?, (every one there is|each at a budget of its own)|the least impact at each).*/
            )
                != nil
        case .rules(let new, _):
            return new.resembles(head) { try? file.bytes(limit: Self.byteLimit) }
        }
    }
}
