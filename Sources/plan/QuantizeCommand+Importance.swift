import Checkpoints
import Conversion
import Converters
import Estimation
import Planning
import Recipes
import Text

extension QuantizeCommand {
    /// What the encoders take for the importance of the inputs, as far as that is known before a table is: the matrix, or what was typed,
    /// else what the converter's own take, so that the table and the file are as it would make them.
    func expectedImportance(
        _ matrix: ImportanceMatrix?,
        by converter: String?
    ) throws -> EncoderImportance {
        if let matrix { return .matrix(matrix) }
        guard importance == nil, let converter else { return importance.encoder(nil) }
        return try Converters.named(converter).countsInputsAlike ? .ones : .none
    }

    /// What they take by a recipe: what was typed, else what its table was made with.
    ///
    /// - Throws: `ConversionError` for something that this program does not know.
    func encoderImportance(_ recipe: Recipe, _ input: Input) throws -> EncoderImportance {
        guard importance == nil, input.importance.matrix == nil else { return input.importance }
        return try .planned(recipe, usual: input.importance)
    }

    /// Says where the importance is another than the one that was planned with, or the matrix does not know a tensor; and that a matrix
    /// is for nothing where the encoders look at none and nothing is measured with it.
    func noteImportance(_ recipe: Recipe, _ files: ModelFiles, _ input: Input) throws {
        guard input.container.looksAtImportance else {
            if imatrix != nil, input.given != nil {
                Console.note(
                    """
                    the encoders of a \(input.container) look at no importance of the inputs, so the file is the same without \
                    --imatrix
                    """
                )
            }
            return
        }
        let (planned, used) = (ImportanceChoice(plannedFor: recipe), try ImportanceChoice(files.importance))
        if !planned.isSame(as: used), let name = recipe.importance?.name {
            Console.note(
                used.isFile
                    ? "the importance matrix is another than \(name.quoted), which the recipe was planned with"
                    : """
                    the recipe was planned with the importance matrix \(name.quoted), which is not used: give it with \
                    \(recipe.takesGradientColumns ? "--gradients and --importance gradients" : "--imatrix")
                    """
            )
        } else if !planned.isSame(as: used), planned.digest != nil {
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
