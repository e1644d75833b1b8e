import Text

/// The folder that a model comes in, with what it needs besides its weights.
enum ModelFolder {
    /// The endings of files that hold weights, or say where weights are, in the ways of any program.
    private static let weightEndings = [
        ".safetensors", ".safetensors.index.json", ".bin", ".bin.index.json", ".pt", ".pth", ".ckpt", ".gguf",
        ".ggml", ".h5", ".msgpack", ".onnx", ".onnx_data", ".npz", ".tflite", ".mlmodel", ".partial",
        ".journal",
    ]

    /// The files that a model is used with, its configuration aside: tokenizer, chat template, licence, description.
    ///
    /// Links are followed; folders and hidden files are left.
    ///
    /// - Throws: ``ConversionError/unreadableCompanion(path:reason:)``, also for a link that leads nowhere.
    static func companions(in folder: String) throws(ConversionError) -> [CompanionFile] {
        let names: [String]
        do {
            names = try Folder.names(in: folder)
        } catch {
            throw .unreadableCompanion(path: folder, reason: "what is in it cannot be listed")
        }
        var companions: [CompanionFile] = []
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let path = folder + "/" + name
            let lower = name.lowercased()
            guard !name.hasPrefix("."), name != NetworkConfiguration.name,
                !weightEndings.contains(where: lower.hasSuffix)
            else { continue }
            guard InputFile.exists(path) else {
                throw .unreadableCompanion(path: path, reason: "nothing is there")
            }
            guard let byteCount = InputFile.byteCount(of: path) else { continue }
            companions.append(CompanionFile(name: name, content: .copy(path: path, byteCount: byteCount)))
        }
        return companions
    }
}
