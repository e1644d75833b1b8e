/// How large the parts of a model's description may be.
///
/// No model comes near these limits; they keep a damaged or malicious file from taking time and memory. Sizes that a
/// file states are never believed: each is held against these limits and against the size of the file before
/// anything is done with it.
public enum ReadingLimits {
    /// The most bytes of one file's header, of an index and of an inventory, which is safetensors' own limit.
    public static let headerBytes = 100_000_000

    /// The most bytes in UTF-8 of a tensor's name, a metadata key or a file name in an index.
    ///
    /// ggml allows tensor names of 63 bytes unless it is built otherwise, and files with up to 127 exist.
    public static let nameBytes = 1_024

    /// The most dimensions of a tensor.
    ///
    /// ggml itself reads at most 4 of a GGUF file, but published files of video models hold filters with 5.
    public static let dimensions = 8

    /// The most tensors of one file.
    public static let tensors = 500_000

    /// The most metadata entries of one file.
    public static let metadataEntries = 50_000

    /// The largest alignment of a GGUF file, which is ggml's own limit.
    public static let alignment = 1 << 20

    /// The deepest nesting of arrays in a GGUF file's metadata.
    public static let arrayDepth = 8

    /// The most elements of a metadata array that is kept; a longer one is checked and left out.
    public static let keptArrayElements = 1_024

    /// The most bytes of a metadata text that is kept; a longer one is checked and left out.
    public static let keptTextBytes = 1 << 20

    /// The most bytes of memory that the texts and arrays of one file's metadata take; what would take more is
    /// checked and left out.
    public static let keptMetadataBytes = 1 << 24
}
