import Foundation
import Text

/// A folder with a model that this program wrote, which it knows by what it put into the index: its name and those of all files.
enum FinishedFolder {
    /// The name of the index of a model in one or more files, as `mlx_lm` writes it.
    static let indexName = "model.safetensors.index.json"
    private static let generator = "plan"
    /// The largest index that is read.
    private static let byteLimit = 100_000_000

    /// The index of a model.
    ///
    /// - Parameters:
    ///   - files: The name of the file of each tensor.
    ///   - names: The names of all files in the folder but the index.
    ///   - byteCount: The number of bytes of all tensors.
    ///   - parameters: The number of weights.
    /// - Returns: The index's bytes.
    /// - Throws: `JSONWritingError`, which no such index is.
    static func index(
        of files: [String: String],
        names: [String],
        byteCount: Int,
        parameters: Int
    ) throws(JSONWritingError) -> [UInt8] {
        let map = files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let index: JSONValue = [
            "metadata": [
                "total_size": .integer(byteCount),
                "total_parameters": .integer(parameters),
                "generator": .string(generator),
                "files": .array((names + [indexName]).sorted().map { .string($0) }),
            ],
            "weight_map": .object(map.map { .init(key: $0.key, value: .string($0.value)) }),
        ]
        return try index.utf8()
    }

    /// Whether a folder holds a model that this program wrote, and nothing else.
    static func isOwn(_ path: String) -> Bool {
        guard let bytes = try? InputFile.bytes(ofRegularFile: path + "/" + indexName, limit: byteLimit),
            case .object(let members)? = (try? JSONTree.parse(bytes))?.value,
            case .object(let metadata)? = members.first(where: { $0.key == "metadata" })?.value.value,
            metadata.contains(where: { $0.key == "generator" && $0.value.value == .string(generator) }),
            case .array(let files)? = metadata.first(where: { $0.key == "files" })?.value.value,
            let found = try? Folder.names(in: path)
        else { return false }
        let known = files.compactMap { node -> String? in
            guard case .string(let name) = node.value else { return nil }
            return name
        }
        return Set(found).isSubset(of: known)
    }
}
