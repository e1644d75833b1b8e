import Text

/// The `config.json` of a model from Hugging Face, which says what network it is.
///
/// Its members are kept to the letter, among them numbers that JSON does not have, such as `Infinity`.
struct NetworkConfiguration {
    /// Its name.
    static let name = "config.json"
    /// The largest one that is read.
    private static let byteLimit = 10_000_000

    /// The members' names and their whole texts, in order.
    private let members: [(name: String, text: ArraySlice<UInt8>)]
    /// The architecture, `model_type`, or nil where it says none.
    let architecture: String?
    /// Whether the matrix of the output is that of the embeddings.
    let tiesOutput: Bool

    /// Reads the file of a folder.
    ///
    /// - Throws: ``ConversionError/noConfiguration(folder:)`` and ``ConversionError/unreadableCompanion(path:reason:)``.
    init(ofFolder folder: String) throws(ConversionError) {
        let path = folder + "/" + Self.name
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try InputFile.bytes(ofRegularFile: path, limit: Self.byteLimit)
        } catch {
            guard error.problem != .missing else { throw .noConfiguration(folder: folder) }
            throw .unreadableCompanion(path: path, reason: error.reason)
        }
        guard let tree = try? JSONTree.parse(bytes), case .object(let nodes) = tree.value else {
            throw .unreadableCompanion(path: path, reason: "it is no object in JSON")
        }
        members = nodes.map { ($0.key, bytes[$0.extent]) }
        var (architecture, tiesOutput): (String?, Bool) = (nil, false)
        for node in nodes {
            switch (node.key, node.value.value) {
            case ("model_type", .string(let name)): architecture = name
            case ("tie_word_embeddings", .boolean(let isTied)): tiesOutput = isTied
            default: break
            }
        }
        (self.architecture, self.tiesOutput) = (architecture, tiesOutput)
    }

    /// The file with another dictionary of quantization, which stands under both of the names that programs look for.
    ///
    /// - Parameter quantization: The dictionary, or nil for none.
    /// - Returns: Its bytes.
    /// - Throws: `JSONWritingError`, which no dictionary of modules is.
    func bytes(quantization: JSONValue?) throws(JSONWritingError) -> [UInt8] {
        let keys = ["quantization", "quantization_config"]
        var texts = members.filter { !keys.contains($0.name) }.map { Array($0.text) }
        if let quantization {
            let value = try quantization.utf8().dropLast().split(
                separator: UInt8(ascii: "\n"),
                omittingEmptySubsequences: false
            ).joined(separator: Array("\n  ".utf8))
            for key in keys { texts.append(Array("\"\(key)\": ".utf8) + value) }
        }
        guard !texts.isEmpty else { return Array("{}\n".utf8) }
        return Array("{\n  ".utf8) + texts.joined(separator: Array(",\n  ".utf8)) + Array("\n}\n".utf8)
    }
}
