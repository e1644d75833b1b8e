public import Recipes
public import Text

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
/// `tensors` says what each tensor was cast from, see ``WrittenModel/origins``: a file that is brought up to date takes over what
/// would be cast from the same. The recipe's digest is also in the file's own metadata, see `RecipeRecord`.
public struct FileRecord: Hashable, Sendable {
    /// The SHA-256 that the file had, in hexadecimal digits.
    public let sha256: String
    /// The version of the program that made the file; nil where the record does not say.
    public let version: String?
    /// What the tensors were cast from, by their names in the model; nil where the record does not say.
    public let origins: [String: String]?

    private static let version = 1
    /// The largest record that is read, in bytes.
    private static let byteLimit = 1 << 28

    /// Where a file's record stands.
    public static func path(of file: String) -> String { file + ".json" }

    /// Whether a file holds a record.
    ///
    /// - Parameter file: The file itself, rather than the one that it would describe.
    /// - Returns: Whether it does.
    public static func isRecord(_ file: InspectedFile) -> Bool {
        guard let outline = file.outline(), case .object = outline["recipe"] else { return false }
        return outline.text("sha256", in: "file") != nil
    }

    /// Reads the record beside a file; nil where there is none.
    ///
    /// - Parameter file: The file.
    public init?(of file: String) {
        guard let bytes = try? InputFile.bytes(at: Self.path(of: file), limit: Self.byteLimit),
            let record = try? JSONPlace(try JSONTree.parse(bytes)).object(),
            (try? record["recipe"]?.object()) != nil,
            let sha256 = try? record["file"]?.object()["sha256"]?.string()
        else { return nil }
        self.sha256 = sha256
        version = try? record["generator"]?.object()["version"]?.string()
        origins = (try? record["tensors"]?.object())?.members.reduce(into: [:]) { origins, member in
            if case .string(let origin) = member.value.value { origins[member.key] = origin }
        }
    }

    /// The record of a file that was just written.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - sum: Its SHA-256 and its size.
    ///   - recipe: The recipe that it was made by.
    ///   - origins: What its tensors were cast from, by their names in the model.
    ///   - generator: The program that made it.
    /// - Returns: The text.
    /// - Throws: `RecipeError` for a recipe, and `JSONWritingError` for a record, that JSON cannot hold.
    public static func text(
        of file: String,
        _ sum: FileSum,
        recipe: Recipe,
        origins: [String: String],
        generator: Recipe.Generator
    ) throws -> String {
        let record: JSONValue = [
            "version": .integer(version),
            "generator": ["name": .string(generator.name), "version": .string(generator.version)],
            "file": [
                "name": .string(FilePath(file).name), "bytes": .integer(sum.byteCount),
                "sha256": .string(sum.sha256),
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
        return try record.text()
    }
}
