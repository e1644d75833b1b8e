import Calibration
import Checkpoints
import Estimation
import Foundation
import Sensitivity
import Tensors
import Text

/// What the file of a long measurement is called where the user does not say: `MODEL-errors.jsonl`, `MODEL-losses.csv`.
///
/// Many models have one name, such as `model`, so a file that another model has, or other settings, is left to them: then the folder
/// of the model stands in the name, or a digest of what is measured and how. Parts of one measurement take one name.
struct MeasurementNames {
    /// What the names of this measurement's files begin with.
    let stem: String
    /// The file that grows.
    let path: String
    /// The file whose name was taken, nil where the first name was free.
    private let taken: String?
    /// Why it was taken.
    private let reason: String

    /// Who uses a file.
    private enum Use {
        case free
        case same
        case otherSettings
        case other
    }

    /// Chooses the name of a file of errors.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - header: What is measured, and how.
    ///   - resuming: Whether to go on with a file; then one of the same weights is taken whatever the settings, so that a
    ///     difference of them is said.
    init(of model: Model, header: EstimateHeader, resuming: Bool) {
        let settings = [
            header.modelDigest, header.weightsDigest, header.formats.joined(separator: ","),
            "\(header.rowShare)", "\(header.seed)", header.importance?.digest ?? "",
        ]
        self.init(
            of: model,
            (kind: "errors", type: "jsonl"),
            part: header.part,
            digest: Self.digest(of: settings + (header.gradients.map { [$0.digest] } ?? [])),
            resuming: resuming
        ) { path, isOwn in
            // What is wrong with the rest is said when the file is gone on with.
            guard let own = try? EstimateDocument.header(path: path) else { return nil }
            guard own.modelDigest == header.modelDigest, own.weightsDigest == header.weightsDigest else {
                return .other
            }
            let isSame = (try? own.check(against: header, path: path, sameParts: isOwn)) != nil
            return isSame ? .same : .otherSettings
        }
    }

    /// Chooses the name of a file of losses.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - header: What is measured, and how.
    ///   - resuming: Whether to go on with a file, as for errors.
    init(of model: Model, header: CalibrationHeader, resuming: Bool) {
        let settings = [
            header.modelDigest, header.weightsDigest, header.formats.joined(separator: ","), header.runtime,
            header.chunks.map { "\($0)" } ?? "", header.importance ?? "", header.unit ?? "",
        ]
        self.init(
            of: model,
            (kind: "losses", type: "csv"),
            part: header.part,
            digest: Self.digest(of: settings),
            resuming: resuming
        ) { path, isOwn in
            do {
                // A file without its header yet is one that a crash left.
                guard let table = try LossRecorder.header(path: path) else { return .same }
                return switch header.relation(to: table, sameParts: isOwn) {
                case .same: .same
                case .otherSettings: .otherSettings
                case .otherModel: .other
                }
            } catch {
                return nil
            }
        }
    }

    /// Chooses a name.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - file: What the file holds, and how its name ends.
    ///   - part: Which part of the model is measured, or nil for the whole.
    ///   - digest: A digest of what is measured and how.
    ///   - resuming: Whether to go on with a file.
    ///   - use: Who uses a file that exists, which has the part's own name or another part's; nil where it is none of this kind.
    private init(
        of model: Model,
        _ file: (kind: String, type: String),
        part: WorkPart?,
        digest: String,
        resuming: Bool,
        use: (_ path: String, _ isOwn: Bool) -> Use?
    ) {
        func ending(_ part: WorkPart?) -> String {
            part?.ending(file.kind, file.type) ?? "-\(file.kind).\(file.type)"
        }
        func user(of path: String, isOwn: Bool = true) -> Use {
            guard InputFile.exists(path) else { return .free }
            // A file that ends before its first line does is one that a crash left.
            return use(path, isOwn)
                ?? ((try? InputFile.bytes(at: path, limit: 1 << 30))?.contains(UInt8(ascii: "\n")) == false
                    ? .same : .other)
        }
        let stems = [model.name] + Self.folder(of: model) + ["\(model.name)-\(digest)"]
        var found = stems.map { stem in
            let path = stem + ending(part)
            var (there, use) = (path, user(of: path))
            if use == .free, let part {
                // Parts are put together by one pattern, so a name that another measurement's parts have is taken.
                for other in part.others where use == .free {
                    there = stem + ending(other)
                    use = user(of: there, isOwn: false)
                }
                if use == .same { use = .free }
            }
            return (stem: stem, path: path, there: there, use: use)
        }
        if resuming,
            let known = found.first(where: {
                $0.use == .same || $0.use == .otherSettings && $0.there == $0.path
            })
        {
            found = [found[0], known]
        }
        let first = found[0]
        let chosen =
            found.first { $0.use == .free || $0.use == .same || (resuming && $0.use == .otherSettings) }
            ?? found[found.count - 1]
        stem = chosen.stem
        path = chosen.path
        taken = chosen.path == first.path ? nil : first.there
        reason =
            first.use == .otherSettings ? "it was measured with other settings" : "it is not of this model"
    }

    /// Says that a file stays whose name was taken.
    ///
    /// - Parameter what: What the other file holds, such as "errors".
    func noteTaken(_ what: String) {
        guard let taken else { return }
        Console.note("\(taken) stays, as \(reason); the \(what) of this one go to \(path)")
    }

    /// The name of the folder that the model's files are in, as a list of at most one.
    private static func folder(of model: Model) -> [String] {
        guard let file = model.files.first, InputFile.hasName(file.path) else { return [] }
        // A link's own folder: what it leads to may have another one for all models, as the cache of Hugging Face does.
        let folder = URL(fileURLWithPath: file.path).standardizedFileURL.deletingLastPathComponent()
        guard let name = Model.name(ofFolder: folder.path), name != model.name else { return [] }
        return [name]
    }

    private static func digest(of settings: [String]) -> String {
        var digest = ContentDigest()
        for text in settings {
            digest.update(field: text)
        }
        return String(digest.text.suffix(8))
    }
}
