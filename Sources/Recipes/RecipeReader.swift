public import Foundation
import Text

/// Reading a recipe; the format is described at ``Recipe``.
///
/// Members that are not known are passed over, as later versions of the program may add some.
public enum RecipeReader {
    /// The largest file that is read.
    public static let maximumByteCount = 100_000_000

    /// Reads a recipe from a file.
    ///
    /// - Throws: ``RecipeError/noSuchFile(path:)`` or ``RecipeError/malformed(source:detail:)``.
    public static func read(path: String) throws(RecipeError) -> Recipe {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .noSuchFile(path: path)
        }
        guard !isFolder.boolValue else { throw .malformed(source: path, detail: "it is a folder") }
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: maximumByteCount + 1)
        else {
            throw .malformed(source: path, detail: "it cannot be read or is empty")
        }
        guard data.count <= maximumByteCount else {
            throw .malformed(source: path, detail: "it is larger than \(maximumByteCount) bytes")
        }
        return try read(data, from: path)
    }

    /// Reads a recipe from JSON.
    ///
    /// - Throws: ``RecipeError/malformed(source:detail:)``.
    public static func read(_ data: Data, from source: String) throws(RecipeError) -> Recipe {
        do throws(JSONError) {
            let document = JSONPlace(try JSONTree.parse(Array(data)))
            let version = try document.object().value("version").integer()
            guard version == Recipe.formatVersion else {
                throw document.error(
                    "has version \(version), and this program reads version \(Recipe.formatVersion)"
                )
            }
            let recipe = try Recipe.form.read(document)
            var names = Set<String>()
            for name in recipe.layers.flatMap(\.tensors) + recipe.kept.map(\.tensor) {
                guard names.insert(name).inserted else {
                    throw document.error("has the tensor \(name) twice")
                }
            }
            return recipe
        } catch {
            throw .malformed(source: source, detail: "\(error.problem), on line \(error.line)")
        }
    }
}
