extension QuantizationFormat {
    /// The element types that safetensors files may hold besides ``all``, under the names safetensors gives them.
    ///
    /// Nothing is quantized to them: they hold masks, indices, scales, and weights that another program has packed.
    /// They are known so that a file that holds them has an exact size. Source: `Dtype` in safetensors' `tensor.rs`.
    public static let storageOnly: [QuantizationFormat] = [
        storage("BOOL", bytes: 1),
        .u8,
        storage("U16", bytes: 2),
        .u32,
        storage("U64", bytes: 8),
        storage("C64", bytes: 8),
        storage("F8_E8M0", bytes: 1),
        storage("F8_E4M3FNUZ", bytes: 1),
        storage("F8_E5M2FNUZ", bytes: 1),
        storage("F6_E2M3", block: 4, bytes: 3),
        storage("F6_E3M2", block: 4, bytes: 3),
        storage("F4", block: 2, bytes: 1),
    ]

    /// Whole numbers of 8 bits from 0 on.
    public static let u8 = storage("U8", bytes: 1)
    /// Whole numbers of 32 bits from 0 on.
    public static let u32 = storage("U32", bytes: 4)

    private static func storage(_ name: String, block: Int = 1, bytes: Int) -> QuantizationFormat {
        QuantizationFormat(
            name,
            ggmlName: nil,
            ggufTypeID: nil,
            block: block,
            bytes: bytes,
            isWeightFormat: false
        )
    }
}
