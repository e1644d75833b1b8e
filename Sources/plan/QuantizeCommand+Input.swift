import Checkpoints
import Conversion
import Converters
import Estimation
import Recipes
import Sensitivity
import Text

extension QuantizeCommand {
    /// What is read before anything is planned or written.
    struct Input {
        /// The recipe that was named; nil where it is planned first.
        let given: Recipe?
        /// What was named to be written.
        let output: String
        let container: ModelContainer
        let model: Model
        let gradients: SquaredGradients?
        /// What the encoders take for the importance of the inputs, as far as that is known before a table is.
        let importance: EncoderImportance
        /// The table of `--impacts`, where it was read to tell which importance it was made with.
        let reading: ImpactTableReading?
        /// Whether the file records its recipe.
        let isRecorded: Bool
        /// Whether the model stays split over several files.
        let isSplit: Bool
    }

    /// Reads the recipe, the model, and what the encoders look at; refuses at once what no file can be made of.
    ///
    /// - Parameter output: What was named to be written.
    /// - Returns: All of that.
    /// - Throws: ``Failure``, and what the modules throw.
    func readInput(to output: String) throws -> Input {
        let given = try recipe.map { try RecipeReader.read(path: $0) }
        let container = try ModelContainer(
            converter: given?.converter ?? tableOptions.converter,
            path: output,
            runtime: cardOptions.targetRuntime()
        )
        let isRecorded = tableOptions.record || given?.recorded.countsRecord ?? false
        try container.check(isUpdated: update != nil, isRecorded: isRecorded)
        if let importance, importance != .none, !container.looksAtImportance {
            throw Failure(
                code: Failure.usage,
                message: """
                    --importance \(importance.rawValue) is for the encoders of GGUF files, and those of \
                    a \(container) look at no importance of the inputs; leave it out
                    """
            )
        }
        let model =
            try given.map { try Model.source(named: self.model, of: $0) }
            ?? Model.source(
                named: self.model,
                plannedFor: tableOptions.converter ?? Converters.usual(for: container).name,
                isSaid: false
            )
        guard !model.files.isEmpty else { throw CheckpointError.noWeights(model: model.name) }
        if container == .folder { try ModelDraft.checkFolder(of: model) }
        // What the file cannot be made of is not measured and planned first.
        if container == .safetensors, model.kind != .safetensors {
            throw ConversionError.otherContainer(model: model.name)
        }
        let gradients = try self.gradients.map { try SquaredGradients(path: $0) }
        let asksTable = given == nil && gradients != nil && importance == nil && imatrix == nil
        let reading = asksTable ? tableReading : nil
        let made = given.map { $0.importance?.digest } ?? reading?.table.meaning.importance?.digest
        let matrix =
            try imatrix.map { try ImportanceMatrix(path: $0) } ?? columns(of: gradients, madeWith: made)
        return Input(
            given: given,
            output: output,
            container: container,
            model: model,
            gradients: gradients,
            importance: try expectedImportance(matrix, by: given?.converter ?? tableOptions.converter),
            reading: reading,
            isRecorded: isRecorded,
            isSplit: tableOptions.keepSplit || given?.recorded.keepsSplit ?? false
        )
    }

    /// The columns of the gradients where the encoders take them for the importance of the inputs: where that is asked for, or the recipe
    /// or the table was made with them.
    ///
    /// - Parameters:
    ///   - gradients: The gradients, or nil.
    ///   - made: The digest of the importance that the recipe or the table was made with, or nil.
    /// - Returns: The columns, or nil.
    /// - Throws: What reading them throws.
    private func columns(
        of gradients: SquaredGradients?,
        madeWith made: String?
    ) throws -> ImportanceMatrix? {
        guard let columns = gradients?.columns else { return nil }
        if importance == .gradients { return columns }
        guard importance == nil else { return nil }
        return try made == columns.digest() ? columns : nil
    }

    /// The table of `--impacts`; nil where there is none in a file yet, or one that cannot be read.
    private var tableReading: ImpactTableReading? {
        guard let impacts = tableOptions.impacts, impacts != ModelOptions.builtInTable else { return nil }
        let options = ImpactImportOptions(
            lowFormat: tableOptions.lowFormat,
            highFormat: tableOptions.highFormat
        )
        // What is wrong with the table is said when it is planned on.
        return try? ImpactTableReader.read(path: impacts, options: options)
    }
}
