import Conversion
import Converters
import Foundation
import Recipes
import Tensors
import Text

/// What stands beside a finished file as `OUT.json`: its SHA-256, and what it was made of.
///
/// ```json
/// {
///   "version": 1,
///   "generator": {"name": "plan", "version": "0.1.0"},
///   "file": {"name": "model-11GB.gguf", "bytes": 10999998240, "sha256": "…"},
///   "recipe": {"sha256": "…"},
///   "model": {"name": "model", "digest": "fnv1a64:…"},
///   "importance": null,
///   "tensors": {"blk.0.attn_q.weight": "…"}
/// }
/// ```
///
/// `tensors` says what each tensor was cast from, see `WrittenModel/origins`: `plan quantize --update` takes over what would be cast
/// from the same. The recipe's digest is also in the file's own metadata, see `RecipeRecord`.
struct FileRecord {
    /// The file that is described.
    let file: String
    /// The recipe that it was made by.
    let recipe: Recipe
    /// What its tensors were cast from.
    let origins: [String: String]

    private static let version = 1
    /// The largest record that is read, in bytes.
    private static let byteLimit = 1 << 28
    /// How much of the file is read at a time.
    private static let pieceByteCount = 1 << 20

    /// Where a file's record stands.
    static func path(of file: String) -> String { file + ".json" }

    /// The SHA-256 that the record beside a file says it has, and the one that it has; nil where there is no record.
    ///
    /// - Parameter file: The file.
    /// - Returns: The digests, in hexadecimal digits.
    /// - Throws: ``Failure`` where the file cannot be read, and where it is interrupted.
    static func digests(of file: String) throws -> (recorded: String, found: String)? {
        try record(of: file).flatMap { try digests(of: file, $0) }
    }

    private static func digests(
        of file: String,
        _ record: JSONObject
    ) throws -> (recorded: String, found: String)? {
        guard let recorded = try? record["file"]?.object()["sha256"]?.string() else { return nil }
        let interruption = "interrupted before \(ShellText.path(file)) was read whole"
        return (recorded, try sha256(of: file, interruption: interruption).digest)
    }

    /// What the tensors of a file were cast from, as the record beside it says; nil where there is none, or where another version of the
    /// program made the file, whose encoders may be others.
    ///
    /// - Parameter file: The file.
    /// - Returns: The fingerprints, by the tensors' names in the model.
    /// - Throws: ``Failure`` where the file is not the one that the record describes, and as ``digests(of:)``.
    static func checkedOrigins(of file: String) throws -> [String: String]? {
        guard let record = record(of: file), let digests = try digests(of: file, record) else { return nil }
        guard digests.recorded == digests.found else {
            throw Failure(
                code: Failure.badData,
                message: """
                    \(ShellText.path(file)) is not the file that \(ShellText.path(path(of: file))) describes: it was damaged, or \
                    changed since; write the model anew with -o
                    """
            )
        }
        guard (try? record["generator"]?.object()["version"]?.string()) == PlanCommand.version,
            let tensors = try? record["tensors"]?.object()
        else { return nil }
        return tensors.members.reduce(into: [:]) { origins, member in
            if case .string(let origin) = member.value.value { origins[member.key] = origin }
        }
    }

    private static func record(of file: String) -> JSONObject? {
        guard WrittenKind.fileRecord.mayReplace(path(of: file)),
            let bytes = try? InputFile.bytes(at: path(of: file), limit: byteLimit)
        else { return nil }
        return try? JSONPlace(try JSONTree.parse(bytes)).object()
    }

    /// Takes the record of an earlier file away, before another stands in its place.
    static func removeStale(of file: String) {
        let path = path(of: file)
        guard InputFile.exists(path), WrittenKind.fileRecord.mayReplace(path) else {
            return
        }
        path.withSystemPath { _ = unlink($0) }
    }

    /// Reads the whole file and writes the record.
    ///
    /// - Parameters:
    ///   - place: Where the record goes.
    ///   - isAnswer: Whether nothing else is to be written after it.
    /// - Throws: ``Failure`` and `RecipeError`.
    func write(to place: OutputFile, isAnswer: Bool) throws {
        let (digest, byteCount) = try Self.sha256(
            of: file,
            interruption: """
                interrupted: \(ShellText.path(file)) is whole, but \(ShellText.path(Self.path(of: file))) was not written; the same \
                command with --resume writes it
                """
        )
        let record: JSONValue = [
            "version": .integer(Self.version),
            "generator": ["name": "plan", "version": .string(PlanCommand.version)],
            "file": [
                "name": .string(FilePath(file).name), "bytes": .integer(byteCount),
                "sha256": .string(digest),
            ],
            "recipe": ["sha256": .string(try recipe.sha256())],
            "model": ["name": .string(recipe.model.name), "digest": .string(recipe.model.digest)],
            "importance": recipe.importance.map {
                ["name": .string($0.name), "digest": .string($0.digest)]
            } ?? .null,
            "tensors": .object(
                origins.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                    .map { .init(key: $0.key, value: .string($0.value)) }
            ),
        ]
        try place.write(try record.text(), isAnswer: isAnswer)
    }

    private static func sha256(
        of file: String,
        interruption: String
    ) throws -> (digest: String, byteCount: Int) {
        guard let source = try? ByteSource(path: file, streamLimit: nil) else {
            throw Failure(code: Failure.noInput, message: "cannot read \(ShellText.path(file)) again")
        }
        var digest = SHA256()
        var byteCount = 0
        while byteCount < source.byteCount {
            let piece = try source.read(at: byteCount, upTo: pieceByteCount)
            guard !Interruption.isRequested else {
                throw Failure(code: Failure.interrupted, message: interruption)
            }
            digest.update(piece)
            byteCount += piece.count
            StatusLine.show("\(ByteSize(byteCount).decimal) summed up")
        }
        StatusLine.clear()
        return (digest.text, byteCount)
    }
}
