import Foundation
import Recipes
import Tensors
import Text

/// Where a recipe goes that the user names no file for: `plans/MODEL-BUDGET.json`, or a neighbour of that.
///
/// A recipe that the same options wrote is replaced, and so is an empty file. A recipe that other options wrote stays, and so does
/// whatever else has the name: the new recipe then has some of its options in its name, or a digest of them.
enum RecipePlace {
    /// The folder.
    static let folder = "plans"

    /// How many names are tried.
    private static let nameLimit = 100

    private static func isRecipe(_ path: String, of arguments: [String]) -> Bool {
        (try? RecipeReader.read(path: path))?.generator.arguments == arguments
    }

    /// Whether there is a file with nothing in it, as a program leaves that is killed after it has taken the name.
    private static func isEmpty(_ path: String) -> Bool {
        var status = stat()
        return path.withSystemPath({ lstat($0, &status) }) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_size == 0
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
    /// A name that is free is taken with the whole recipe, so that others that run at the same time take another one, and that nothing
    /// stays of a program that is ended before.
    ///
    /// - Parameters:
    ///   - json: The recipe's text.
    ///   - recipe: The recipe.
    ///   - limit: The budget, as it was typed, or the greatest impact.
    ///   - outputs: What the command reads and writes.
    ///   - isAnswer: Whether the recipe is all that the command is asked for.
    /// - Returns: Where it was written.
    /// - Throws: ``Failure`` where every name is taken, and `FileError`.
    static func write(
        _ json: String,
        of recipe: Recipe,
        limit: String,
        _ outputs: OutputFiles,
        isAnswer: Bool
    ) throws -> String {
        try WholeFile.makeFolder(folder)
        let arguments = recipe.generator.arguments
        let stem = "\(folder)/\(fileName(recipe.model.name))-\(fileName(limit))"
        let marked = stem + "-" + mark(of: arguments)
        let names = [stem, marked] + (2...nameLimit).map { "\(marked)-\($0)" }
        for path in names.map({ $0 + ".json" }) {
            var outputs = outputs
            if !SystemCall.exists(path) {
                let file = try outputs.claim(path, for: .recipe)
                if try !file.writeNew(json, isAnswer: isAnswer) {
                    // Another program was faster; what it wrote may be of the same options.
                    guard isRecipe(path, of: arguments) else { continue }
                    try file.write(json, isAnswer: isAnswer)
                }
            } else if !outputs.reads(path), isEmpty(path) || isRecipe(path, of: arguments) {
                try outputs.claim(path, for: .recipe).write(json, isAnswer: isAnswer)
            } else {
                continue
            }
            if path != stem + ".json" {
                Console.note(
                    "\(stem).json stays, as other options made it; the recipe of these goes to \(path)"
                )
            }
            return path
        }
        throw Failure(
            code: Failure.usage,
            message: "there are too many recipes named \(stem); name a file with -o"
        )
    }
}
