extension QuantizationFormat {
    /// Finds the format of a name, or nil if no format has it.
    ///
    /// The case of letters does not matter: `q4_k` is `Q4_K`. PyTorch's names of the floating point formats are
    /// known as well, with and without `torch.`: `torch.float8_e4m3fn`, `torch.bfloat16`, `float16`, `float32`. So are
    /// the names of ``storageOnly``, and formats that ``define(_:blockElements:blockBytes:)`` made known.
    public init?(named name: String) {
        if let format = Self.bySpelling[name] {
            self = format
            return
        }
        let lowercased = name.lowercased()
        guard let format = Self.byLowercasedName[lowercased] ?? Self.defined(named: lowercased) else {
            return nil
        }
        self = format
    }

    /// The known formats by their names as they are mostly spelled, which saves making them lower case.
    private static let bySpelling: [String: QuantizationFormat] = {
        var formats: [String: QuantizationFormat] = [:]
        for format in byLowercasedName.values {
            formats[format.name] = byLowercasedName[format.name.lowercased()]
        }
        return formats
    }()

    private static let byLowercasedName: [String: QuantizationFormat] = {
        var formats: [String: QuantizationFormat] = [:]
        for format in all + scaled + mlx + storageOnly {
            formats[format.name.lowercased()] = format
        }
        let torch: [(String, QuantizationFormat)] = [
            ("float8_e4m3fn", .float8_e4m3fn), ("float8_e5m2", .float8_e5m2), ("bfloat16", .bf16),
            ("float16", .f16), ("float32", .f32),
        ]
        for (name, format) in torch {
            formats[name] = format
            formats["torch." + name] = format
        }
        return formats
    }()

    /// Finds the format that a file type of llama.cpp gives the weights of blocks, or nil if no one format does.
    ///
    /// A file type (`ftype`) such as `Q4_K_M` is a mix, in which some tensors get more bits than others, and has no
    /// one format. The types `Q3_K_S`, `Q4_K_S` and `Q5_K_S` (small) stand for `Q3_K`, `Q4_K` and `Q5_K`: for image
    /// models, such as FLUX.1, llama-quantize as ComfyUI-GGUF patches it gives every weight of a block that format.
    /// For language models llama.cpp gives a few tensors more bits even there, so a measurement of one is only near.
    public init?(fileType name: String) {
        guard let format = Self.byLowercasedFileType[name.lowercased()] else { return nil }
        self = format
    }

    private static let byLowercasedFileType: [String: QuantizationFormat] = [
        "q3_k_s": .q3_K, "q4_k_s": .q4_K, "q5_k_s": .q5_K,
    ]
}
