import Checkpoints
import Conversion
import Converters
import Planning
import Recipes
import Tensors
import Text

extension CheckCommand {
    /// Holds a finished file against a recipe, by the ways of the converter that made it.
    ///
    /// A recipe that was planned for no converter keeps tensors as most do; one that leaves them otherwise makes no wrong file.
    func check(_ path: String, against recipe: Recipe) throws {
        let file = try Model.read(path: path)
        let model = try model(of: recipe)
        let maker = try converter.map(Converters.named)
        var fine = ""
        var check: RecipeCheck
        if let maker, maker.name != recipe.converter {
            guard let model else {
                throw Failure(
                    code: Failure.usage,
                    message: """
                        the formats that \(maker.name) gives kept tensors depend on the model; name its file with --model
                        """
                )
            }
            check = RecipeCheck(try recipe.carriedOut(by: maker, on: model), file: file, model: model)
            fine = ", with kept tensors as \(maker.name) leaves them"
        } else {
            check = RecipeCheck(recipe, file: file, model: model)
            if maker == nil, recipe.converter == nil, !check.differences.isEmpty, let model,
                let other = try RecipeCheck.closest(recipe, file: file, model: model),
                other.check.differences.count < check.differences.count
            {
                check = other.check
                fine = ", with kept tensors as \(other.converter.name) leaves them"
                Console.note(
                    "the recipe names no converter, and this file is taken for one of \(other.converter.name); --converter names another"
                )
            }
        }
        if maker == nil, recipe.converter == nil, model == nil, !check.differences.isEmpty {
            Console.note(
                "what converters do to tensors that are kept depends on the model; name its file with --model to have that minded"
            )
        }
        if let note = check.note { Console.note(note) }
        var differences = check.differences.map {
            RecipeDifference(
                place: $0.tensor ?? "the file",
                figure: $0.kind,
                planned: $0.planned,
                found: $0.found
            )
        }
        let records = try records(of: file)
        differences += records.differences
        fine += records.fine
        try report(
            differences,
            fine: "\(check.matching) tensors have the formats and sizes of the plan\(fine)"
        )
    }

    /// Holds every file of a model against its record, where it has one.
    ///
    /// - Parameter model: The finished model.
    /// - Returns: What differs, and what is right, as the end of a sentence.
    /// - Throws: What reading the records and the files throws.
    private func records(of model: Model) throws -> (differences: [RecipeDifference], fine: String) {
        var differences: [RecipeDifference] = []
        var recorded = 0
        for file in model.files {
            guard let digests = try FileRecord.digests(of: file.path) else { continue }
            recorded += 1
            guard digests.recorded != digests.found else { continue }
            differences.append(
                RecipeDifference(
                    place: model.files.count == 1 ? "the file" : FilePath(file.path).name,
                    figure: "sha256",
                    planned: digests.recorded,
                    found: digests.found
                )
            )
        }
        guard recorded > 0, differences.isEmpty else { return (differences, "") }
        if model.files.count == 1 { return ([], ", and the file has the SHA-256 of its record") }
        return recorded == model.files.count
            ? ([], ", and each of the \(recorded) files has the SHA-256 of its record")
            : (
                [],
                ", and \(recorded) of the \(model.files.count) files have the SHA-256 of a record"
            )
    }

    /// The model that a finished file's shapes are held against: the one that is named, or the built-in one of the recipe.
    private func model(of recipe: Recipe) throws -> Model? {
        if let name = self.model {
            let model = try Model.source(named: name, of: recipe)
            try checkDigest(of: model, recipe, RecipeSizes(recipe, tensors: model.tensors))
            return model
        }
        guard Model.builtInNames.contains(recipe.model.name) else { return nil }
        let model = try Model.builtIn(named: recipe.model.name)
        return model.digest == recipe.model.digest ? model : nil
    }
}
