extension QuantizationFormat {
    /// The formats of MLX, whose weights are packed in groups with a scale of their own.
    ///
    /// `MLX_A4_G64` is mode `affine` with 4 bits in groups of 64: the packed weights, and a scale and a bias of two bytes each
    /// per group, so that a weight takes `bits + 32 / group` bits. The other modes have one scale byte per group: `MLX_MXFP4`
    /// and `MLX_MXFP8` in groups of 32, `MLX_NVFP4` in groups of 16. Source: `mlx.core.quantize`.
    public static let mlx: [QuantizationFormat] =
        [2, 3, 4, 5, 6, 8].flatMap { bits in
            [32, 64, 128].map { group in
                mlx("MLX_A\(bits)_G\(group)", group: group, bytes: group * bits / 8 + 4)
            }
        } + [
            mlx("MLX_MXFP4", group: 32, bytes: 17),
            mlx("MLX_NVFP4", group: 16, bytes: 9),
            mlx("MLX_MXFP8", group: 32, bytes: 33),
        ]

    private static func mlx(_ name: String, group: Int, bytes: Int) -> QuantizationFormat {
        QuantizationFormat(name, ggmlName: nil, ggufTypeID: nil, block: group, bytes: bytes)
    }
}
