public import Checkpoints
public import Converters
public import Sensitivity

/// A model and its impact table, as they were read.
public struct PlanningInput: Sendable {
    /// The model.
    public var model: Model
    /// The table.
    public var table: ImpactTable
    /// Tables 1 and 2 of the analysis that the table is of, where they came with it.
    public var profile: SensitivityProfile?

    /// Puts a model and a table together; whether they fit is seen when a task is made of them.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - table: The table.
    ///   - profile: Tables 1 and 2 of the same analysis, where they are at hand.
    public init(model: Model, table: ImpactTable, profile: SensitivityProfile? = nil) {
        self.model = model
        self.table = table
        self.profile = profile
    }

    /// What is known of the importance matrix that the finished file will be made with.
    ///
    /// - Parameter matrix: The matrix that the converter will be given, or nil where it is not at hand.
    /// - Returns: The matrix; without it, whether the table was made with one.
    /// - Throws: ``PlanningError/otherImportanceMatrix(table:planned:)`` where the table was made with another one.
    public func importance(given matrix: ImportanceMatrix?) throws(PlanningError) -> ConverterImportance {
        guard let matrix else {
            guard let planned = table.meaning.importance else { return .none }
            return planned.isFile ? .unknown : .ones
        }
        if let planned = table.meaning.importance, planned.isFile,
            (try? matrix.digest()) != planned.digest
        {
            throw .otherImportanceMatrix(table: table.name, planned: planned.name)
        }
        return .matrix(matrix)
    }

    /// Whether the table was made with an importance matrix, so that the model will be quantized with one.
    public var hasImportanceMatrix: Bool { table.meaning.importance?.isFile ?? false }
}
