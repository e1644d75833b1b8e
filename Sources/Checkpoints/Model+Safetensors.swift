import Tensors
package import Text

extension Model {
    /// The ending of the name of an index.
    static let indexEnding = ".safetensors.index.json"

    /// Makes a model of a safetensors file, and of the other files of its index if an index in its folder names it.
    package static func safetensors(_ source: ByteSource) throws(CheckpointError) -> Model {
        let path = FilePath(source.path)
        if let shard = ShardName(path.name, fileExtension: "safetensors") {
            let folder = path.folder.isEmpty ? "." : path.folder
            for name in try names(in: folder) where name.hasSuffix(indexEnding) {
                let indexSource = try ByteSource(path: path.sibling(name))
                let index = try SafetensorsIndex(indexSource)
                if index.shards.values.contains(path.name) { return try safetensors(index, in: indexSource) }
            }
            guard shard.count <= 1 else {
                throw .loneShard(path: source.path, number: shard.number, count: shard.count)
            }
        }
        let file = try SafetensorsFile(source)
        return try safetensors(named: name(of: source), parts: [(source, file)], index: nil)
    }

    /// Makes a model of the files that an index names.
    static func safetensors(
        _ index: SafetensorsIndex,
        in indexSource: ByteSource
    ) throws(CheckpointError) -> Model {
        let path = FilePath(indexSource.path)
        var parts: [(source: ByteSource, file: SafetensorsFile)] = []
        var found: Set<String> = []
        for shard in Set(index.shards.values).sorted() {
            let source = try self.shard(path.sibling(shard), namedBy: indexSource.path)
            let file = try SafetensorsFile(source)
            for tensor in file.tensors.map(\.name) + file.emptyTensors.map(\.name) {
                guard index.shards[tensor] == shard else {
                    throw .tensorNotInIndex(tensor, shard: source.path, index: indexSource.path)
                }
                found.insert(tensor)
            }
            parts.append((source, file))
        }
        if let (tensor, shard) = index.shards.filter({ !found.contains($0.key) }).min(by: { $0.key < $1.key })
        {
            throw .tensorNotInShard(tensor, shard: path.sibling(shard), index: indexSource.path)
        }
        return try safetensors(named: name(ofIndexAt: path), parts: parts, index: indexSource.path)
    }

    /// A model of several files is called as its folder is, since an index has the same name in every model.
    private static func name(ofIndexAt path: FilePath) -> String {
        name(ofFolder: path.folder)
            ?? String(path.name.dropLast(path.name.hasSuffix(indexEnding) ? indexEnding.count : 0))
    }

    /// Makes a model of files whose headers were read.
    static func safetensors(
        named name: String,
        parts: [(source: ByteSource, file: SafetensorsFile)],
        index: String?
    ) throws(CheckpointError) -> Model {
        let metadata = parts.first?.file.metadata ?? []
        var architecture: String?
        for entry in metadata where entry.key == "modelspec.architecture" {
            if case .string(let text) = entry.value { architecture = text }
        }
        return try Model(
            name: name,
            tensors: parts.flatMap(\.file.tensors),
            kind: .safetensors,
            architecture: architecture,
            metadata: metadata,
            files: parts.map {
                ModelFile(
                    path: $0.source.path,
                    byteCount: $0.source.byteCount,
                    headerByteCount: $0.file.dataOffset
                )
            },
            index: index,
            locations: parts.enumerated().flatMap { index, part in
                part.file.locations.map {
                    TensorLocation(
                        file: index,
                        offset: $0.offset,
                        byteCount: $0.byteCount,
                        isScalar: $0.isScalar
                    )
                }
            },
            tensorsWithoutElements: parts.flatMap(\.file.emptyTensors)
        )
    }
}
