import Checkpoints
import Conversion
import Converters
import Estimation
import Planning
import Recipes
import Sensitivity
import Text

extension QuantizeCommand {
    /// What the encoders take for the importance of the inputs where there is no matrix, as far as that is known before a table is: what
    /// was typed, else what the converter's own take, so that the table and the file are as it would make them.
    func expectedImportance(_ converter: String?) throws -> EstimateOptions.Importance? {
        guard importance == nil, imatrix == nil, let converter else { return importance }
        return try Converters.named(converter).countsInputsAlike ? .ones : nil
    }

    /// What they take by a recipe: what was typed, else what its table was made with.
    ///
    /// - Throws: ``Failure`` for something that this program does not know.
    func encoderImportance(
        _ recipe: Recipe,
        _ expected: EstimateOptions.Importance?
    ) throws -> EstimateOptions.Importance? {
        guard importance == nil, imatrix == nil, let planned = recipe.impacts.encoderImportance else {
            return expected
        }
        guard recipe.impacts.countsInputsAlike else {
            throw Failure(
                code: Failure.badData,
                message: """
                    the recipe's table was made with an importance of \(planned.quoted), which this program does not know; say with \
                    --importance what the encoders take
                    """
            )
        }
        return .ones
    }

    /// What the encoders look at, by its digest and in words.
    func usedImportance(
        _ files: ModelFiles,
        _ matrix: ImportanceMatrix?
    ) throws -> (digest: String?, words: String) {
        if let matrix { return (try matrix.digest(), "the importance matrix \(matrix.path.quoted)") }
        guard files.countsInputsAlike else { return (nil, "no importance of the inputs") }
        return (ImportanceReference.ones.digest, "an importance of ones")
    }

    /// Says where the importance is another than the one that was planned with, or the matrix does not know a tensor.
    func noteImportance(
        _ recipe: Recipe,
        _ files: ModelFiles,
        _ used: (digest: String?, words: String)
    ) throws {
        let planned = recipe.plannedImportance
        if planned.digest != used.digest, let name = recipe.importance?.name {
            Console.note(
                used.digest == nil || used.digest == ImportanceReference.ones.digest
                    ? """
                    the recipe was planned with the importance matrix \(name.quoted), which is not used: give it with \
                    \(recipe.takesColumns ? "--gradients and --importance gradients" : "--imatrix")
                    """
                    : "the importance matrix is another than \(name.quoted), which the recipe was planned with"
            )
        } else if planned.digest != used.digest, planned.digest != nil {
            Console.note(
                "the recipe was planned with \(planned.words), and the file is made with \(used.words)"
            )
        }
        let unweighted = try files.unweightedTensors()
        guard !unweighted.isEmpty else { return }
        Console.note(
            """
            the importance matrix has nothing, or only zeros, for \(unweighted.count.of("tensor")), cast without it: \
            \(KeptLayers.list(unweighted))
            """
        )
    }
}
