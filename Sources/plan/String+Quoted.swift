import Tensors

extension String {
    /// The text in quotation marks, its control characters escaped: recipes and models come from anywhere.
    var quoted: String {
        "\"" + unicodeScalars.map { $0.escaped(asASCII: true) }.joined() + "\""
    }
}
