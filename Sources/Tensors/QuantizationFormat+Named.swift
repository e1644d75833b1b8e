extension QuantizationFormat {
    /// Finds the format of a name, or nil if no format has it.
    ///
    /// The case of letters does not matter: `q4_k` is `Q4_K`. PyTorch's names of the floating point formats are
    /// known as well, with and without `torch.`: `torch.float8_e4m3fn`, `torch.bfloat16`, `float16`, `float32`. So are
    /// the names of ``storageOnly``.
    public init?(named name: String) {
        guard let format = Self.byLowercasedName[name.lowercased()] else { return nil }
        self = format
    }

    private static let byLowercasedName: [String: QuantizationFormat] = {
        var formats: [String: QuantizationFormat] = [:]
        for format in all + storageOnly {
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
}
