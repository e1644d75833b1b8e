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
        var companions: [CompanionFile] = []
        for name in try names(in: folder) {
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

    /// The folders in it, hidden ones aside.
    ///
    /// - Throws: ``ConversionError/unreadableCompanion(path:reason:)``.
    static func folders(in folder: String) throws(ConversionError) -> [String] {
        try names(in: folder).filter { !$0.hasPrefix(".") && Folder.exists(folder + "/" + $0) }
    }

    /// The names of all that is in a folder, by their bytes.
    private static func names(in folder: String) throws(ConversionError) -> [String] {
        do {
            return try Folder.names(in: folder).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        } catch {
            throw .unreadableCompanion(path: folder, reason: "what is in it cannot be listed")
        }
    }
}
