/// A file of a model's folder that holds no tensors, such as its tokenizer.
struct CompanionFile: Hashable {
    /// What is in it.
    enum Content: Hashable {
        /// These bytes.
        case bytes([UInt8])
        /// What is in another file.
        case copy(path: String, byteCount: Int)
    }

    /// Its name in the folder.
    let name: String
    /// What is in it.
    let content: Content

    /// Its size.
    var byteCount: Int {
        switch content {
        case .bytes(let bytes): bytes.count
        case .copy(_, let byteCount): byteCount
        }
    }
}
