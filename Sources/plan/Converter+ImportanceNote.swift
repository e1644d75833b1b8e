import Converters
import Sensitivity
import Text

extension Converter {
    /// What to know of a table that was made without the importance of the inputs that the converter's encoders take.
    ///
    /// - Parameter table: The table.
    /// - Returns: A sentence; nil where the importance is the same, or how the table was made is not known.
    func importanceNote(of table: ImpactTable) -> String? {
        let meaning = table.meaning
        // Of a matrix the converter's command says how it is given.
        guard countsInputsAlike, meaning.importance == nil, meaning.method?.hasPrefix("weights") == true
        else {
            return nil
        }
        return """
            \(name) takes an importance of 1 for every input, and the table was made with none; plan estimate --importance ones \
            measures what it writes
            """
    }
}
