import Checkpoints
public import Recipes
import Tensors
import Text

/// What a GGUF file will say of the importance matrix that it is made with, as far as that is known.
enum MatrixRecord: Hashable, Sendable {
    /// Nothing: there is none.
    case none
    /// Nothing, although encoders look at an importance: it comes from no file.
    case nothing
    /// Where a matrix comes from that is not at hand.
    case unknown
    /// This.
    case known(ImportanceRecord)

    init(_ importance: ConverterImportance) {
        self =
            switch importance {
            case .none: .none
            // Another program is given a matrix for it, whose name is not known.
            case .unknown, .ones: .unknown
            case .matrix(let matrix): .known(ImportanceRecord(matrix))
            }
    }

    /// The record, or the longest that there is where it is not known, or where some format is not made without a matrix; nil
    /// where there is none.
    func record(for formats: [QuantizationFormat]) -> (entries: ImportanceRecord, isExact: Bool)? {
        switch self {
        case .known(let record): (record, true)
        case .nothing: nil
        case .none where !formats.contains(where: \.needsImportanceMatrix): nil
        case .none, .unknown: (.longest, false)
        }
    }

    /// Why a header is not known to the byte that has the longest record.
    static let uncertainty = "the header says which importance matrix was used, which is counted from above"
}

extension Recipe {
    /// The path of the importance matrix that the file is made with: the one that the plan was given, or else the name of the one that
    /// the table was made with; nil where there is none.
    public var importancePath: String? { recorded.importancePath ?? importance?.name }

    /// What is known of that matrix where it may or may not be at hand.
    var knownImportance: ConverterImportance {
        if let path = recorded.importancePath {
            // What came through a pipe when the plan was made does not come again.
            guard InputFile.isLasting(path) else { return .unknown }
            return (try? ImportanceMatrix(path: path)).map { .matrix($0) } ?? .unknown
        }
        if impacts.countsInputsAlike { return .ones }
        return importance == nil ? .none : .unknown
    }
}
