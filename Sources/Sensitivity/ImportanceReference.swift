import Text
/// The importance matrix, or the squared gradients, that an impact table was made with.
public struct ImportanceReference: Hashable, Sendable {
    /// The name of its file, without folders.
    public let name: String
    /// The fingerprint of its content, which names its algorithm: `fnv1a64:…`.
    public let digest: String
    /// The tensors that a matrix says nothing of, and whose inputs were taken to be as those of others that it knows.
    public let filled: [String]

    /// Creates a reference.
    ///
    /// - Parameters:
    ///   - name: The name of the file; folders in front of it are left out, and what no line of text can hold becomes a space.
    ///   - digest: The fingerprint of the content.
    ///   - filled: The tensors that were filled in.
    public init(name: String, digest: String, filled: [String] = []) {
        self.filled = filled
        self.name = ImpactMeaning.line(InputFile.ownName(of: name, or: "matrix")) ?? "matrix"
        self.digest = digest
    }

    /// An importance of 1 for every input, which encoders may take in place of a matrix and which is no file.
    public static let ones = ImportanceReference(name: "ones", digest: "constant:1")

    /// Whether there is a file of that name, which converters can be given.
    public var isFile: Bool { self != .ones }
}
