public import Checkpoints
import Foundation
import Sensitivity
import Tensors
import Text

/// What the file of a long measurement is called where the user does not say: `MODEL-errors.jsonl`, `MODEL-losses.csv`.
///
/// Many models have one name, such as `model`, so a file that another model has, or other settings, is left to them: then the folder
/// of the model stands in the name, or a digest of what is measured and how. Parts of one measurement take one name.
public struct MeasurementNames: Hashable, Sendable {
    /// A name that was not free.
    public struct Taken: Hashable, Sendable {
        /// The file that has it, or another part's.
        public let path: String
        /// Whether the file is of the same weights, measured with other settings, rather than of another model or of no measurement.
        public let hasOtherSettings: Bool
    }

    /// What the names of this measurement's files begin with.
    public let stem: String
    /// The file that grows.
    public let path: String
    /// The first name, where it was taken; nil where ``path`` is that name.
    public let taken: Taken?

    /// Chooses a name.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - file: What the file holds, and how its name ends.
    ///   - part: Which part of the model is measured, or nil for the whole.
    ///   - settings: What is measured, and how, as texts.
    ///   - folder: The folder of the file; nil for the working folder.
    ///   - resuming: Whether to go on with a file; then one of the same weights is taken whatever the settings, so that a
    ///     difference of them is said.
    ///   - relation: What a file that exists is to the measurement, which has the part's own name or another part's; nil where it is
    ///     none of this kind.
    package init(
        of model: Model,
        _ file: (kind: String, type: String),
        part: WorkPart?,
        settings: [String],
        in folder: String?,
        resuming: Bool,
        relation: (_ path: String, _ isOwn: Bool) -> MeasurementRelation?
    ) {
        func name(_ stem: String, of part: WorkPart?) -> String {
            stem + WorkPart.nameEnding(file.kind, of: part, type: file.type)
        }
        /// Who uses a file; nil where there is none.
        func use(of path: String, isOwn: Bool = true) -> MeasurementRelation? {
            guard InputFile.exists(path) else { return nil }
            return relation(path, isOwn) ?? (Self.isTorn(path) ? .same : .otherModel)
        }
        let names = [model.name] + Self.folder(of: model) + ["\(model.name)-\(Self.digest(of: settings))"]
        var found = names.map { own in
            let stem = (folder.map { $0 + "/" } ?? "") + own
            let path = name(stem, of: part)
            var (there, user) = (path, use(of: path))
            if user == nil, let part {
                // Parts are put together by one pattern, so a name that another measurement's parts have is taken.
                for other in part.others where user == nil {
                    there = name(stem, of: other)
                    user = use(of: there, isOwn: false)
                }
                if user == .same { user = nil }
            }
            return (stem: stem, path: path, there: there, user: user)
        }
        if resuming,
            let known = found.first(where: {
                $0.user == .same || $0.user == .otherSettings && $0.there == $0.path
            })
        {
            found = [found[0], known]
        }
        let first = found[0]
        let chosen =
            found.first {
                $0.user == nil || $0.user == .same || (resuming && $0.user == .otherSettings)
            } ?? found[found.count - 1]
        stem = chosen.stem
        path = chosen.path
        taken =
            chosen.path == first.path
            ? nil : Taken(path: first.there, hasOtherSettings: first.user == .otherSettings)
    }

    /// Whether a file ends before its first line does, as a crash leaves it.
    private static func isTorn(_ path: String) -> Bool {
        (try? InputFile.bytes(at: path, limit: 1 << 30))?.contains(UInt8(ascii: "\n")) == false
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

extension MeasurementNames {
    /// Chooses the name of a file of errors.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - header: What is measured, and how.
    ///   - folder: The folder of the file; nil for the working folder.
    ///   - resuming: Whether to go on with a file; then one of the same weights is taken whatever the settings, so that a
    ///     difference of them is said.
    public init(of model: Model, header: EstimateHeader, in folder: String? = nil, resuming: Bool) {
        let settings = [
            header.modelDigest, header.weightsDigest, header.formats.joined(separator: ","),
            "\(header.rowShare)", "\(header.seed)", header.importance?.digest ?? "",
        ]
        self.init(
            of: model,
            (kind: "errors", type: "jsonl"),
            part: header.part,
            settings: settings + (header.gradients.map { [$0.digest] } ?? []),
            in: folder,
            resuming: resuming
        ) { path, isOwn in
            // What is wrong with the rest is said when the file is gone on with.
            (try? EstimateDocument.header(path: path)).map { header.relation(to: $0, sameParts: isOwn) }
        }
    }
}
