import Checkpoints

/// The files of tensors of a folder for MLX, as `mlx_lm` divides them: their headers, and where each tensor goes.
struct MLXShards {
    /// The files, one after the other.
    let files: [ModelDraft.File]
    /// Where each tensor begins, as if the files stood one after the other.
    let offsets: [Int]
    /// The name of the file that each tensor is in, by the tensor's name.
    let fileNames: [String: String]
    /// The bytes of all tensors.
    let tensorByteCount: Int

    /// Divides tensors.
    ///
    /// - Parameters:
    ///   - tensors: The tensors, in the folder's order.
    ///   - limit: The most bytes of tensors in one file, unless a single tensor has more.
    ///   - plannedByteCount: The size that was planned for all files; the last one makes up for what the headers of all have less. Nil
    ///     where none was.
    /// - Throws: ``ConversionError/checkpoint(_:)``.
    init(
        _ tensors: [SafetensorsDraft.Tensor],
        byteCount limit: Int,
        plannedByteCount: Int?
    ) throws(ConversionError) {
        let shards = Self.ranges(of: tensors, byteCount: limit)
        var files: [ModelDraft.File] = []
        var offsets = [Int](repeating: 0, count: tensors.count)
        var fileNames: [String: String] = [:]
        for (number, shard) in shards.enumerated() {
            let offset = files.last.map { $0.offset + $0.byteCount } ?? 0
            let isLast = number == shards.count - 1
            let draft = try ConversionError.wrapping { () throws(CheckpointError) in
                try SafetensorsDraft(
                    tensors: Array(tensors[shard]),
                    metadata: [("format", "mlx")],
                    filling: isLast ? plannedByteCount.map { $0 - offset } ?? 0 : 0
                )
            }
            let name = Self.fileName(number, of: shards.count)
            for (index, own) in zip(shard, draft.offsets) {
                offsets[index] = offset + own
                fileNames[tensors[index].name] = name
            }
            files.append(
                ModelDraft.File(
                    name: name,
                    offset: offset,
                    header: draft.header,
                    byteCount: draft.byteCount
                )
            )
        }
        self.files = files
        self.offsets = offsets
        self.fileNames = fileNames
        tensorByteCount = tensors.reduce(0) { $0 + $1.byteCount }
    }

    /// The tensors of each file: a tensor that would make a file too large begins another one.
    private static func ranges(of tensors: [SafetensorsDraft.Tensor], byteCount limit: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var (start, byteCount) = (0, 0)
        for (index, tensor) in tensors.enumerated() {
            if index > start, byteCount + tensor.byteCount > limit {
                ranges.append(start..<index)
                (start, byteCount) = (index, 0)
            }
            byteCount += tensor.byteCount
        }
        return ranges + [start..<tensors.count]
    }

    private static func fileName(_ number: Int, of count: Int) -> String {
        guard count > 1 else { return "model.safetensors" }
        func padded(_ number: Int) -> String {
            let digits = "\(number)"
            return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        }
        return "model-\(padded(number + 1))-of-\(padded(count)).safetensors"
    }
}
