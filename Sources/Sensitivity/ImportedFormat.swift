import Tensors

/// The name of a format in a table from elsewhere.
struct ImportedFormat {
    /// The canonical name.
    let name: String
    /// The name as it was written, where it is the file type of llama.cpp and not a format.
    let fileType: String?

    /// Finds the format that a source means: ggml's `q4_K` is `Q4_K`, and the file type `Q4_K_S` is `Q4_K` as well.
    ///
    /// A name that is not known stays as it is.
    init(_ written: String) {
        if let format = QuantizationFormat(named: written) {
            name = format.name
            fileType = nil
        } else if let format = QuantizationFormat(fileType: written) {
            name = format.name
            fileType = written
        } else {
            name = ImpactTable.canonicalFormat(written)
            fileType = nil
        }
    }
}
