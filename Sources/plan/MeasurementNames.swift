import Checkpoints
import Estimation
import Foundation
import Sensitivity
import Tensors

/// What the files of `plan estimate` are called where the user does not say: `MODEL-errors.jsonl` and `MODEL-impacts.csv`.
///
/// Many models have one name, such as `model`, so a file of errors that another model has, or other settings, is left to them:
/// then the folder of the model stands in the name, or a digest of what is measured and how.
struct EstimateNames {
    /// What the names begin with.
    let stem: String
    /// The file of errors.
    let errors: String
    /// The file whose name was taken, nil where the first name was free.
    let taken: String?
    /// Why it was taken.
    let reason: String

    /// Chooses the names.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - header: What is measured, and how.
    ///   - resuming: Whether to go on with a file of errors; then one of the same weights is taken whatever the settings, so that a
    ///     difference of them is said.
    init(of model: Model, header: EstimateHeader, resuming: Bool) {
        let ending = header.part?.ending("errors", "jsonl") ?? "-errors.jsonl"
        let stems = [model.name] + Self.folder(of: model) + ["\(model.name)-\(Self.digest(of: header))"]
        var found = stems.map { stem in
            (stem: stem, path: stem + ending, use: Self.use(of: stem + ending, by: header))
        }
        if resuming, let known = found.first(where: { $0.use == .same || $0.use == .otherSettings }) {
            found = [found[0], known]
        }
        let first = found[0]
        let chosen =
            found.first { $0.use == .free || $0.use == .same || (resuming && $0.use == .otherSettings) }
            ?? found[found.count - 1]
        stem = chosen.stem
        errors = chosen.path
        taken = chosen.path == first.path ? nil : first.path
        reason =
            first.use == .otherSettings ? "it was measured with other settings" : "it is not of this model"
    }

    /// Who uses a file of errors.
    private enum Use {
        case free
        case same
        case otherSettings
        case other
    }

    private static func use(of path: String, by header: EstimateHeader) -> Use {
        guard FileManager.default.fileExists(atPath: path) else { return .free }
        guard let document = try? EstimateDocument(path: path) else {
            // A file that ends before its first line does is one that a crash left.
            let isTorn = FileManager.default.contents(atPath: path)?.contains(UInt8(ascii: "\n")) == false
            return isTorn ? .same : .other
        }
        let own = document.header
        guard own.modelDigest == header.modelDigest, own.weightsDigest == header.weightsDigest else {
            return .other
        }
        return (try? own.check(against: header, path: path, sameParts: true)) == nil ? .otherSettings : .same
    }

    /// The name of the folder that the model's files are in, as a list of at most one.
    private static func folder(of model: Model) -> [String] {
        guard let file = model.files.first else { return [] }
        let folder = URL(fileURLWithPath: file.path).resolvingSymlinksInPath().deletingLastPathComponent()
        let name = folder.lastPathComponent
        return name.isEmpty || name == "/" || name == model.name ? [] : [name]
    }

    private static func digest(of header: EstimateHeader) -> String {
        var digest = ContentDigest()
        for text in [
            header.modelDigest, header.weightsDigest, header.formats.joined(separator: ","),
            "\(header.rowShare)", "\(header.seed)", header.importance?.digest ?? "",
        ] {
            digest.update(field: text)
        }
        if let gradients = header.gradients { digest.update(field: gradients.digest) }
        return String(digest.text.suffix(8))
    }
}
