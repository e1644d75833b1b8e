import Foundation
import Recipes
import Tensors
import Text

/// Where a recipe goes that the user names no file for: `plans/MODEL-BUDGET.json`, or a neighbour of that.
///
/// A recipe that the same options wrote is replaced. One that other options wrote stays, and so does whatever else has the name:
/// the new recipe then has some of its options in its name, or a digest of them.
struct RecipePlace {
    /// The folder.
    static let folder = "plans"

    /// Where the recipe goes.
    let path: String
    /// The name that was taken, nil where the recipe has the first one.
    let taken: String?
    /// Whether nothing was there: then an empty file is, until the recipe is written.
    let isNew: Bool

    /// How many names are tried.
    private static let nameLimit = 100

    /// Chooses the name.
    ///
    /// - Parameters:
    ///   - model: The model's name.
    ///   - limit: The budget, as it was typed, or the greatest impact.
    ///   - arguments: The options that the recipe records.
    ///   - isRead: Whether a path leads to a file that the command reads.
    /// - Throws: ``Failure`` where every name is taken.
    init(model: String, limit: String, arguments: [String], isRead: (String) -> Bool) throws {
        let stem = "\(Self.folder)/\(Self.fileName(model))-\(Self.fileName(limit))"
        let marked = stem + "-" + Self.mark(of: arguments)
        let names = [stem, marked] + (2...Self.nameLimit).map { "\(marked)-\($0)" }
        for name in names {
            let path = name + ".json"
            if try Self.make(path) {
                (self.path, isNew) = (path, true)
            } else if !isRead(path), Self.isRecipe(path, of: arguments) {
                (self.path, isNew) = (path, false)
            } else {
                continue
            }
            taken = name == stem ? nil : stem + ".json"
            return
        }
        throw Failure(
            code: Failure.usage,
            message: "there are too many recipes named \(stem); name a file with -o"
        )
    }

    /// Makes an empty file, which keeps others that run at the same time from the name; false where there is something.
    private static func make(_ path: String) throws -> Bool {
        let descriptor = path.withSystemPath({ open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) })
        guard descriptor < 0 else {
            close(descriptor)
            return true
        }
        guard errno == EEXIST else {
            throw FileError(path: path, .unwritable(reason: SystemCall.reason))
        }
        return false
    }

    private static func isRecipe(_ path: String, of arguments: [String]) -> Bool {
        (try? RecipeReader.read(path: path))?.generator.arguments == arguments
    }

    /// What tells the options from others: the rule and the converter by their names, all else by a digest.
    private static func mark(of arguments: [String]) -> String {
        let named = ["--combine", "--converter"]
        let plain = named + ["--budget", "--card", "--max-impact"]
        var words: [String] = []
        var others: [String] = []
        var rest = arguments[...]
        while let option = rest.popFirst() {
            if plain.contains(option), let value = rest.popFirst() {
                if named.contains(option) { words.append(fileName(value)) }
            } else {
                others.append(option)
            }
        }
        if !others.isEmpty || words.isEmpty {
            var digest = ContentDigest()
            digest.update(field: others.count)
            for other in others { digest.update(field: other) }
            words.append(String(digest.text.suffix(8)))
        }
        return words.joined(separator: "-")
    }

    /// The most bytes of a part of a file name.
    private static let partLimit = 100

    /// A text as part of a file name: letters and digits of any script, points, hyphens and underscores, the first of them a letter,
    /// a digit or an underscore; `model` where nothing is left.
    static func fileName(_ text: String) -> String {
        var name = ""
        for character in text where !character.isWhitespace {
            let isKept = character.isLetter || character.isNumber || "._-".contains(character)
            name += isKept ? String(character) : character == "%" ? "percent" : "-"
        }
        name = String(name.drop { $0 == "." || $0 == "-" })
        while name.utf8.count > partLimit { name.removeLast() }
        return name.isEmpty ? "model" : name
    }

    /// Writes a recipe that the user names no file for.
    ///
    /// - Parameters:
    ///   - json: The recipe's text.
    ///   - recipe: The recipe.
    ///   - limit: The budget, as it was typed, or the greatest impact.
    ///   - outputs: What the command reads and writes.
    /// - Returns: Where it was written.
    /// - Throws: ``Failure`` and `FileError`.
    static func write(
        _ json: String,
        of recipe: Recipe,
        limit: String,
        _ outputs: OutputFiles
    ) throws -> String {
        try WholeFile.makeFolder(folder)
        let place = try RecipePlace(
            model: recipe.model.name,
            limit: limit,
            arguments: recipe.generator.arguments,
            isRead: outputs.reads
        )
        var outputs = outputs
        do {
            try outputs.claim(place.path, for: .recipe).write(json)
        } catch {
            if place.isNew { place.path.withSystemPath { _ = unlink($0) } }
            throw error
        }
        if let taken = place.taken {
            Console.note(
                "\(taken) stays, as other options made it; the recipe of these goes to \(place.path)"
            )
        }
        return place.path
    }
}
