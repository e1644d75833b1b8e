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

    /// Finds the format that a file type of llama.cpp is named after, or nil for any other name.
    ///
    /// A file type (`ftype`) such as `Q4_K_M` is a mix: most weights of blocks have the format that it is named after, and some tensors
    /// more bits. The types `Q3_K_S`, `Q4_K_S` and `Q5_K_S` (small) have that format alone in image models, such as FLUX.1, as
    /// llama-quantize is patched by ComfyUI-GGUF. For all others a measurement of a file type is only near one of the format. The types
    /// are those of llama-quantize's `QUANT_OPTIONS` whose name is a format's with `_XS`, `_S`, `_M`, `_L` or `_XL` behind it.
    public init?(fileType name: String) {
        guard let format = Self.byLowercasedFileType[name.lowercased()] else { return nil }
        self = format
    }

    private static let byLowercasedFileType: [String: QuantizationFormat] = [
        "q2_k_s": .q2_K, "q3_k_xs": .q3_K, "q3_k_s": .q3_K, "q3_k_m": .q3_K, "q3_k_l": .q3_K, "q4_k_s": .q4_K,
        "q4_k_m": .q4_K, "q5_k_s": .q5_K, "q5_k_m": .q5_K,
    ]

    /// Finds the format that somebody may have meant who wrote a name that is none: by its letters and digits alone, or as a file type
    /// of llama.cpp.
    ///
    /// - Parameter name: The name.
    /// - Returns: The format, or nil where none comes to mind.
    public static func likely(_ name: String) -> QuantizationFormat? {
        func letters(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
        let typed = letters(name)
        return all.first { $0.isWeightFormat && letters($0.name) == typed }
            ?? byLowercasedFileType.first { letters($0.key) == typed }?.value
    }
}
