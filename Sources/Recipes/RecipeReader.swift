public import Foundation
import Text

/// Reading a recipe; the format is described at ``Recipe``.
///
/// Members that are not known are passed over, as later versions of the program may add some.
public enum RecipeReader {
    /// The largest file that is read.
    public static let maximumByteCount = 100_000_000

    /// Reads a recipe from a file, from a pipe, or from standard input where the path is `-`.
    ///
    /// - Throws: ``RecipeError/file(_:)`` or ``RecipeError/malformed(source:detail:)``.
    public static func read(path: String) throws(RecipeError) -> Recipe {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try InputFile.bytes(at: path, limit: maximumByteCount)
        } catch {
            throw .file(error)
        }
        return try read(Data(bytes), from: path)
    }

    /// Reads a recipe from JSON.
    ///
    /// - Throws: ``RecipeError/malformed(source:detail:)``.
    public static func read(_ data: Data, from source: String) throws(RecipeError) -> Recipe {
        do throws(JSONError) {
            let document = JSONPlace(try JSONTree.parse(Array(data)))
            let place = try document.object().value("version")
            let version = try place.integer()
            guard version == Recipe.formatVersion else {
                throw place.error(
                    "is \(version), and this program reads version \(Recipe.formatVersion)"
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
            throw .malformed(source: source, detail: "on line \(error.line), \(error.problem)")
        }
    }
}
