import Tensors
package import Text

extension Model {
    /// Makes a model of a GGUF file, and of the other parts in its folder if it is a part of a split one.
    package static func gguf(_ source: ByteSource) throws(CheckpointError) -> Model {
        let file = try GGUFFile(source)
        let path = FilePath(source.path)
        guard let split = file.split else {
            return try gguf(
                named: name(of: source, said: file.generalName),
                parts: [(source.path, source.byteCount, file)]
            )
        }
        let ending = ShardName.ending(number: split.number + 1, count: split.count, fileExtension: "gguf")
        guard
            let name = ShardName(path.name, fileExtension: "gguf"),
            name.number == split.number + 1, name.count == split.count
        else { throw .shardNameDisagrees(path: source.path, expectedEnding: ending) }

        var parts: [(path: String, byteCount: Int, file: GGUFFile)] = []
        for number in 0..<split.count {
            if number == split.number {
                parts.append((source.path, source.byteCount, file))
            } else {
                parts.append(try part(number, of: split, base: name.base, beside: source))
            }
        }
        let counted = parts.reduce(0) { $0 + $1.file.tensors.count }
        guard counted == split.tensorCount else {
            throw .shardTensorsDisagree(path: source.path, stated: split.tensorCount, counted: counted)
        }
        return try gguf(named: name.base, parts: parts)
    }

    /// What a model in one file is called: as the file is, without its ending, or where that has no name as the file says itself.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - said: What the file says that it is called, or nil.
    /// - Returns: The name; of what the file says no more than may stand in the name of a file.
    static func name(of source: ByteSource, said: String? = nil) -> String {
        guard !InputFile.hasName(source.path) else { return FilePath(source.path).name.withoutExtension }
        let kept = (said ?? "").prefix(100).map { character in
            character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
                ? character : "-"
        }
        return ShellText.fileStem(String(kept))
    }

    private static func part(
        _ number: Int,
        of split: GGUFFile.Split,
        base: String,
        beside source: ByteSource
    ) throws(CheckpointError) -> (path: String, byteCount: Int, file: GGUFFile) {
        let ending = ShardName.ending(number: number + 1, count: split.count, fileExtension: "gguf")
        let path = FilePath(source.path).sibling(base + ending)
        let part = try shard(path, namedBy: source.path)
        guard try FileForm(part) == .gguf else { throw .notAShard(path: path) }
        let file = try GGUFFile(part)
        guard let found = file.split else { throw .notAShard(path: path) }
        guard found.number == number, found.count == split.count else {
            throw .shardNumberDisagrees(
                path: path,
                number: found.number,
                count: found.count,
                expectedNumber: number,
                expectedCount: split.count
            )
        }
        return (path, part.byteCount, file)
    }

    /// Opens a part of a model, which must be a regular file.
    static func shard(_ path: String, namedBy other: String) throws(CheckpointError) -> ByteSource {
        do throws(FileError) {
            return try ByteSource(path: path, streamLimit: nil)
        } catch {
            throw error.problem == .missing ? .missingShard(path: path, namedBy: other) : .file(error)
        }
    }

    private static func gguf(
        named name: String,
        parts: [(path: String, byteCount: Int, file: GGUFFile)]
    ) throws(CheckpointError) -> Model {
        let first = parts.first?.file
        return try Model(
            name: name,
            tensors: parts.flatMap(\.file.tensors),
            kind: .gguf,
            architecture: first?.architecture,
            metadata: (first?.metadata ?? []).filter { !$0.key.hasPrefix("split.") },
            files: parts.map {
                ModelFile(path: $0.path, byteCount: $0.byteCount, headerByteCount: $0.file.dataOffset)
            },
            locations: parts.enumerated().flatMap { index, part in
                part.file.locations.map {
                    TensorLocation(file: index, offset: $0.offset, byteCount: $0.byteCount)
                }
            }
        )
    }
}

extension String {
    /// The name of a file without its extension.
    var withoutExtension: String {
        guard let point = utf8.lastIndex(of: UInt8(ascii: ".")), point > startIndex else { return self }
        return String(self[..<point])
    }
}
