import Tensors
import Text

/// What the header of a safetensors file says.
///
/// A safetensors file holds, in this order (https://github.com/huggingface/safetensors#format):
///
/// 1. The length of the header, `uint64`, least significant byte first, from 2 to ``ReadingLimits/headerBytes``.
/// 2. The header, one JSON object in UTF-8, which begins with `{` and may end with spaces. Its members, in any order:
///    1. `__metadata__`, may be left out: an object of strings;
///    2. for each tensor its name, at most ``ReadingLimits/nameBytes``, different from all others, with an object:
///       1. `dtype`, a string: the type of the elements, see below;
///       2. `shape`, an array of at most ``ReadingLimits/dimensions`` whole numbers, outermost first, the last the
///          row; an empty one is a single number, which is read as `[1]`
///          and written as it was;
///       3. `data_offsets`, an array of two whole numbers: where the data begin and end, counted from the end of the
///          header. The difference is exactly what the shape and the type take.
/// 3. The tensors' data, in any order, to the end of the file, without overlap and hole.
///
/// ```json
/// {"__metadata__": {"format": "pt"},
///  "img_in.weight": {"dtype": "BF16", "shape": [3072, 64], "data_offsets": [0, 393216]}}
/// ```
///
/// Names, keys of the metadata and members of a tensor's object are an error if they stand twice; other members are
/// allowed and not read. A tensor with a dimension of 0 has no data and nothing to plan: it is
/// noted, and what is made of the file has it again.
///
/// The types are `F32`, `F16`, `BF16`, `F64`, `I8`, `I16`, `I32`, `I64`, `F8_E4M3` (``QuantizationFormat/float8_e4m3fn``),
/// `F8_E5M2`, and those of ``QuantizationFormat/storageOnly``. Any other is an error, as it is to safetensors itself:
/// without the size of its elements the file cannot be checked.
struct SafetensorsFile {
    /// The strings of `__metadata__`, in the order of the header.
    var metadata: [GGUFMetadata] = []

    /// The tensors, in the order of their data.
    var tensors: [TensorInfo] = []

    /// Where each tensor's data are, as the first of several files.
    var locations: [TensorLocation] = []

    /// The tensors without elements, in the order of their data.
    var emptyTensors: [EmptyTensor] = []

    /// Where all data begin.
    var dataOffset = 0

    /// Reads the header of a file.
    init(_ source: ByteSource) throws(CheckpointError) {
        var reader = SafetensorsReader(source)
        try reader.readHeader(into: &self)
    }
}
