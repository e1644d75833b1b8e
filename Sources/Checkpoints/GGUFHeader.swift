public import Tensors

/// The header of a GGUF file, to know its exact size before the file exists.
///
/// A GGUF file of version 3 holds, in this order, every number with its least significant byte first (`gguf.h` in
/// ggml):
///
/// 1. The magic, the 4 bytes `GGUF`.
/// 2. The version, `uint32`, which is 3.
/// 3. The number of tensors, `int64`.
/// 4. The number of metadata entries, `int64`.
/// 5. For each metadata entry:
///    1. the key, a string: its length in bytes, `uint64`, then its bytes in UTF-8;
///    2. the type of the value, `int32`;
///    3. the value; see ``MetadataValue``.
/// 6. For each tensor:
///    1. the name, a string;
///    2. the number of dimensions, `uint32`;
///    3. the sizes of the dimensions, each `int64`, the row first;
///    4. the format, `int32`, which is `QuantizationFormat/ggufTypeID`;
///    5. where its data begin, `uint64`, counted from the beginning of all tensors' data.
/// 7. Padding to a multiple of the alignment, which is the `uint32` of the key `general.alignment`, and 32 without it.
/// 8. The tensors' data, each padded to a multiple of the alignment, the last one too.
///
/// The header is parts 1 to 7. Its size depends on the tensors' names and numbers of dimensions only, so it is the same
/// for every plan.
public struct GGUFHeader: Hashable, Sendable {
    /// The metadata, in the order in which they are written.
    public let metadata: [GGUFMetadata]

    /// Each tensor is padded to a multiple of this many bytes.
    public let alignment: Int

    /// Makes a header with these metadata.
    ///
    /// - Throws: ``CheckpointError/duplicateKey(_:)``, and ``CheckpointError/badAlignment(_:)`` if there is a
    ///   `general.alignment` that is no `uint32` or no power of two.
    public init(metadata: [GGUFMetadata]) throws(CheckpointError) {
        var keys: Set<String> = []
        var alignment = 32
        for entry in metadata {
            guard keys.insert(entry.key).inserted else { throw .duplicateKey(entry.key) }
            if entry.key == "general.alignment" {
                guard case .uint32(let value) = entry.value, value.nonzeroBitCount == 1 else {
                    throw .badAlignment("\(entry.value)")
                }
                alignment = Int(value)
            }
        }
        self.init(unchecked: metadata, alignment: alignment)
    }

    private init(unchecked metadata: [GGUFMetadata], alignment: Int) {
        self.metadata = metadata
        self.alignment = alignment
    }

    /// The header that ComfyUI-GGUF's converter writes for FLUX.1: architecture, quantization version, file type.
    ///
    /// The file type is a number of `llama_ftype` in llama.cpp's `llama.h`; 32 is BF16. It does not change the size.
    public static func flux(fileType: UInt32 = 32) -> GGUFHeader {
        GGUFHeader(unchecked: fluxMetadata(fileType: fileType), alignment: 32)
    }

    /// The metadata that ComfyUI-GGUF's converter writes for FLUX.1; see ``flux(fileType:)``.
    public static func fluxMetadata(fileType: UInt32 = 32) -> [GGUFMetadata] {
        [
            GGUFMetadata("general.architecture", .string("flux")),
            GGUFMetadata("general.quantization_version", .uint32(2)),
            GGUFMetadata("general.file_type", .uint32(fileType)),
        ]
    }

    /// The exact number of bytes of the header of a file with these tensors, padding included.
    public func byteCount(for tensors: [TensorInfo]) -> Int {
        padded(unpaddedByteCount(for: tensors))
    }

    private func padded(_ bytes: Int) -> Int {
        FileLayout(validHeaderBytes: 0, alignment: alignment).paddedByteCount(bytes)
    }

    private func unpaddedByteCount(for tensors: [TensorInfo]) -> Int {
        // Everything counted here stands in memory, so no sum comes near Int.max.
        var bytes = 4 + 4 + 8 + 8
        for entry in metadata {
            bytes += 8 + entry.key.utf8.count + 4 + entry.value.byteCount
        }
        for tensor in tensors {
            bytes += 8 + tensor.name.utf8.count + 4 + 8 * tensor.dimensionCount + 4 + 8
        }
        return bytes
    }

    /// How a file with this header and these tensors is laid out, from which its size in any plan follows.
    public func layout(for tensors: [TensorInfo]) -> FileLayout {
        layout(for: tensors, extraBytes: 0)
    }

    /// The same with so many bytes more among the metadata, for entries that say something else than the file keeps to.
    package func layout(for tensors: [TensorInfo], extraBytes: Int) -> FileLayout {
        FileLayout(
            validHeaderBytes: padded(unpaddedByteCount(for: tensors) + extraBytes),
            alignment: alignment
        )
    }
}
