import Tensors
import Text

/// What the header of a GGUF file says.
///
/// A GGUF file of version 2 or 3 holds, in this order, every number with its least significant byte first (`gguf.h`
/// in ggml):
///
/// 1. The magic, the 4 bytes `GGUF`.
/// 2. The version, `uint32`: 2 or 3, which differ only in that 3 allows big-endian files. Those do not say that
///    they are, other than by a version whose bytes stand in the other order. Version 1, whose counts had 32 bits,
///    is not read.
/// 3. The number of tensors, `int64`, at most ``ReadingLimits/tensors``.
/// 4. The number of metadata entries, `int64`, at most ``ReadingLimits/metadataEntries``.
/// 5. For each metadata entry:
///    1. the key, a string: its length in bytes, `uint64`, then its bytes in UTF-8; not empty, at most
///       ``ReadingLimits/nameBytes``, different from all others;
///    2. the type of the value, `int32`, a ``MetadataType``;
///    3. the value: a number, least significant byte first; a truth value in a byte that is 0 or 1; a string; or
///       an array: the type of the elements, `int32`, their number, `uint64`, and the elements, which may be arrays
///       themselves, nested at most ``ReadingLimits/arrayDepth`` deep.
/// 6. For each tensor:
///    1. the name, a string: not empty, at most ``ReadingLimits/nameBytes``, different from all others;
///    2. the number of dimensions, `uint32`, at most ``ReadingLimits/dimensions``; none is a single number;
///    3. the sizes of the dimensions, each `int64` and at least 1, the row first;
///    4. the format, `int32`, a ``QuantizationFormat/ggufTypeID`` whose block divides the row;
///    5. where its data begin, `uint64`, a multiple of the alignment, counted from the beginning of all data.
/// 7. Padding to a multiple of the alignment, which is the `uint32` of the key `general.alignment`, a power of two
///    up to ``ReadingLimits/alignment``, and 32 without it.
/// 8. The tensors' data, each padded to a multiple of the alignment; the last one's padding may be missing. They
///    fill the file without overlap and hole. Writers keep the order of part 6, but any other is read.
///
/// Parts 1 to 6 take at most ``ReadingLimits/headerBytes``. Part 8 is never read.
///
/// A split file (`gguf-split` in llama.cpp) is several such files, `name-00001-of-00003.gguf` and so on. Each has
/// the keys `split.no`, its number counted from 0, `split.count`, the number of files, and `split.tensors.count`,
/// the number of tensors of all; only the first has the metadata.
///
/// Of the other keys, `general.architecture` and `general.name` must be strings if they are there.
struct GGUFFile {
    /// The metadata, in order.
    var metadata: [GGUFMetadata] = []

    /// Where each of the metadata entries stands in the file: its key, its type and its value.
    var entryRanges: [Range<Int>] = []

    /// The text of `general.architecture`, or nil if there is none.
    var architecture: String?

    /// The text of `general.name`, or nil if there is none.
    var generalName: String?

    /// The tensors, in the order of their data.
    var tensors: [TensorInfo] = []

    /// Where each tensor's data are, as the first of several files.
    var locations: [TensorLocation] = []

    /// Where all data begin.
    var dataOffset = 0

    /// Which part of a split file it is, or nil if it is whole.
    var split: Split?

    /// What a part of a split file says about itself.
    struct Split: Hashable {
        /// The part's number, counted from 0.
        let number: Int
        /// The number of parts.
        let count: Int
        /// The number of tensors of all parts.
        let tensorCount: Int
    }

    /// Reads the header of a file whose magic was seen.
    init(_ source: ByteSource) throws(CheckpointError) {
        var reader = GGUFReader(source)
        try reader.readPreamble()
        metadata = try reader.metadata()
        entryRanges = reader.entryRanges
        architecture = try reader.text("general.architecture", in: metadata)
        generalName = try reader.text("general.name", in: metadata)
        let alignment = try reader.alignment(in: metadata)
        split = try reader.split(in: metadata)
        try reader.readTensors(into: &self, alignment: alignment)
    }
}
