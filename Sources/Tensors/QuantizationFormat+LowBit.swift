extension QuantizationFormat {
    /// Blocks of 256 weights in 66 bytes, 2.0625 bits per weight; needs an importance matrix.
    public static let iq2_xxs = QuantizationFormat(
        "IQ2_XXS",
        ggmlName: "iq2_xxs",
        ggufTypeID: 16,
        block: 256,
        bytes: 66,
        needsImportanceMatrix: true
    )

    /// Blocks of 256 weights in 74 bytes, 2.3125 bits per weight; needs an importance matrix.
    public static let iq2_xs = QuantizationFormat(
        "IQ2_XS",
        ggmlName: "iq2_xs",
        ggufTypeID: 17,
        block: 256,
        bytes: 74,
        needsImportanceMatrix: true
    )

    /// Blocks of 256 weights in 98 bytes, 3.0625 bits per weight; needs an importance matrix.
    public static let iq3_xxs = QuantizationFormat(
        "IQ3_XXS",
        ggmlName: "iq3_xxs",
        ggufTypeID: 18,
        block: 256,
        bytes: 98,
        needsImportanceMatrix: true
    )

    /// Blocks of 256 weights in 50 bytes, 1.5625 bits per weight; needs an importance matrix.
    public static let iq1_s = QuantizationFormat(
        "IQ1_S",
        ggmlName: "iq1_s",
        ggufTypeID: 19,
        block: 256,
        bytes: 50,
        needsImportanceMatrix: true
    )

    /// Blocks of 256 weights in 110 bytes, 3.4375 bits per weight.
    public static let iq3_s = QuantizationFormat(
        "IQ3_S",
        ggmlName: "iq3_s",
        ggufTypeID: 21,
        block: 256,
        bytes: 110
    )

    /// Blocks of 256 weights in 82 bytes, 2.5625 bits per weight; needs an importance matrix.
    public static let iq2_s = QuantizationFormat(
        "IQ2_S",
        ggmlName: "iq2_s",
        ggufTypeID: 22,
        block: 256,
        bytes: 82,
        needsImportanceMatrix: true
    )

    /// Blocks of 256 weights in 56 bytes, 1.75 bits per weight; needs an importance matrix.
    public static let iq1_m = QuantizationFormat(
        "IQ1_M",
        ggmlName: "iq1_m",
        ggufTypeID: 29,
        block: 256,
        bytes: 56,
        needsImportanceMatrix: true
    )

    /// Blocks of 256 weights in 54 bytes, 1.6875 bits per weight.
    public static let tq1_0 = QuantizationFormat(
        "TQ1_0",
        ggmlName: "tq1_0",
        ggufTypeID: 34,
        block: 256,
        bytes: 54
    )

    /// Blocks of 256 weights in 66 bytes, 2.0625 bits per weight.
    public static let tq2_0 = QuantizationFormat(
        "TQ2_0",
        ggmlName: "tq2_0",
        ggufTypeID: 35,
        block: 256,
        bytes: 66
    )

    /// Blocks of 128 weights in 18 bytes, 1.125 bits per weight.
    public static let q1_0 = QuantizationFormat(
        "Q1_0",
        ggmlName: "q1_0",
        ggufTypeID: 41,
        block: 128,
        bytes: 18
    )

    /// Blocks of 64 weights in 18 bytes, 2.25 bits per weight.
    public static let q2_0 = QuantizationFormat(
        "Q2_0",
        ggmlName: "q2_0",
        ggufTypeID: 42,
        block: 64,
        bytes: 18
    )
}
