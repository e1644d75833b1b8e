import Tensors
import Text

extension QuantizationFormat {
    /// The formats of weights that a user lists, separated by commas.
    ///
    /// - Throws: ``Failure`` for a name that is none.
    static func list(_ names: String) throws -> [QuantizationFormat] {
        try names.split(separator: ",", omittingEmptySubsequences: false).map { name in
            let trimmed = name.filter { !$0.isWhitespace }
            guard let format = QuantizationFormat(named: trimmed), format.isWeightFormat else {
                throw Failure(
                    code: Failure.usage,
                    message: unknown(trimmed)
                )
            }
            return format
        }
    }

    /// That there is no format of a name, and which one may be meant.
    static func unknown(_ name: String) -> String {
        let near = likely(name).map { "did you mean \($0.name)? " } ?? ""
        return "there is no format named \(name.quoted); \(near)plan formats lists them"
    }
}
