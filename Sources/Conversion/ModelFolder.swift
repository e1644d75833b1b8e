import Text
import Foundation

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
    /// - Throws: ``ConversionError/unreadableCompanion(path:reason:)``.
    static func companions(in folder: String) throws(ConversionError) -> [CompanionFile] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw .unreadableCompanion(path: folder, reason: "what is in it cannot be listed")
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.compactMap { name in
            let path = folder + "/" + name
            let lower = name.lowercased()
            var status = stat()
            guard !name.hasPrefix("."), name != NetworkConfiguration.name,
                !weightEndings.contains(where: lower.hasSuffix),
                path.withSystemPath({ stat($0, &status) }) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { return nil }
            return CompanionFile(name: name, content: .copy(path: path, byteCount: Int(status.st_size)))
        }
    }
}
