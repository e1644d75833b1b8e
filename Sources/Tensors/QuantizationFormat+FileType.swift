extension QuantizationFormat {
    /// The number of `llama_ftype` in llama.cpp's `llama.h` for a file most of whose tensors have the format, or nil where
    /// there is none.
    ///
    /// It is what `general.file_type` holds. Of the mixes that are named after one format, such as `Q4_K_S` and `Q4_K_M`,
    /// it is the one that llama.cpp's loader guesses from a file's tensors (`llama-model-loader.cpp`).
    public var fileType: UInt32? { Self.fileTypes[name] }

    private static let fileTypes: [String: UInt32] = [
        "F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 7, "Q5_0": 8, "Q5_1": 9, "Q2_K": 10, "Q3_K": 12,
        "Q4_K": 15, "Q5_K": 17, "Q6_K": 18, "IQ2_XXS": 19, "IQ2_XS": 20, "IQ3_XXS": 23, "IQ1_S": 24,
        "IQ4_NL": 25, "IQ3_S": 26, "IQ2_S": 28, "IQ4_XS": 30, "IQ1_M": 31, "BF16": 32, "TQ1_0": 36,
        "TQ2_0": 37, "MXFP4": 38, "NVFP4": 39, "Q1_0": 40, "Q2_0": 41,
    ]
}
