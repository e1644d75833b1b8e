import Tensors
import Text

extension Model {
    /// Reads the model that a path leads to; of a file with weights only its header.
    ///
    /// What a file is follows from what it begins with, not from its name:
    ///
    /// - `GGUF`: a GGUF file. If it is a part of a split one, all parts are read, which must be in the same folder.
    /// - A length and `{`: a safetensors file. If it is named as one of several, such as
    ///   `model-00001-of-00003.safetensors`, and an index in its folder names it, all files of the index are read.
    /// - `{`: JSON, which is an index of safetensors files if it has a `weight_map`, and an inventory otherwise; see
    ///   ``InventoryReader``.
    ///
    /// A folder is read by the only `.safetensors.index.json` in it, or else by the only `.safetensors` or GGUF file; where there is
    /// a `config.json`, a GGUF file beside the `.safetensors` file does not count. A pipe, and standard input where the path is `-`, is read to its end, as far as a header may go.
    ///
    /// The model's name is that of the file without its ending, or that of the folder for an index, and where a folder is named whose only
    /// file is `model.safetensors`. How large parts
    /// of a file may be is in ``ReadingLimits``.
    ///
    /// - Throws: ``CheckpointError/malformedFile(path:offset:_:)`` for every defect of a GGUF or safetensors file or
    ///   an index, ``CheckpointError/unrecognizedFile(path:beginning:)``, the errors about shards and folders, and
    ///   those of ``InventoryReader/read(path:)``.
    public static func read(path: String) throws(CheckpointError) -> Model {
        let source: ByteSource
        do throws(CheckpointError) {
            source = try ByteSource(wholePath: path)
        } catch .file(let error) {
            guard error.problem == .folder else { throw .file(error) }
            return try read(folder: path)
        }
        return try read(source)
    }

    private static func read(_ source: ByteSource) throws(CheckpointError) -> Model {
        switch try FileForm(source) {
        case .gguf: return try gguf(source)
        case .safetensors: return try safetensors(source)
        case .json:
            guard SafetensorsIndex.isIndex(source) else { return try InventoryReader.read(source) }
            return try safetensors(try SafetensorsIndex(source), in: source)
        }
    }

    /// The names of what is in a folder.
    static func names(in folder: String) throws(CheckpointError) -> [String] {
        do throws(FileError) {
            return try Folder.names(in: folder)
        } catch {
            throw .file(error)
        }
    }

    private static func read(folder path: String) throws(CheckpointError) -> Model {
        let names = try Self.names(in: path)
        let indexes = names.filter { $0.hasSuffix(indexEnding) }
        guard indexes.count <= 1 else { throw .severalIndexes(path: path, names: indexes) }
        let separator = path.hasSuffix("/") ? "" : "/"
        if let index = indexes.first { return try read(ByteSource(path: path + separator + index)) }
        var files = names.filter { $0.hasSuffix(".safetensors") }
        let gguf = names.filter { $0.hasSuffix(".gguf") }
        // Of a split file the first part stands for all.
        let whole = gguf.filter { ShardName($0, fileExtension: "gguf").map { $0.number == 1 } ?? true }
        // In a folder of Hugging Face, which has a configuration, a GGUF file is what was made of the model.
        if files.isEmpty || !names.contains("config.json") { files += whole }
        if files.isEmpty { files = Array(gguf.sorted().prefix(1)) }
        guard let file = files.first else { throw .noModelInFolder(path: path) }
        guard files.count == 1 else { throw .severalModels(path: path, names: files.sorted()) }
        let source = try ByteSource(path: path + separator + file)
        // Every folder of Hugging Face with one file has one of this name.
        guard file == usualName, let name = name(ofFolder: path) else { return try read(source) }
        return try safetensors(named: name, parts: [(source, SafetensorsFile(source))], index: nil)
    }

    /// The name of the only file in a folder of Hugging Face, which says nothing of the model.
    private static let usualName = "model.safetensors"

    /// The name of a folder by which a model in it may be called, or nil where the path has none.
    ///
    /// In the cache of Hugging Face a folder has the name of a commit (`models--ORGANIZATION--MODEL/snapshots/COMMIT`), and the model's own is
    /// farther up.
    package static func name(ofFolder path: String) -> String? {
        let parts = path.split(separator: "/").filter { $0 != "." }
        if parts.count > 2, parts[parts.count - 2] == "snapshots",
            let model = parts[parts.count - 3].firstMatch(of: /^models--.+?--(.+)$/)
        {
            return String(model.1)
        }
        let name = FilePath(path).name
        return ["", ".", "..", "/"].contains(name) ? nil : name
    }
}
