extension QuantizationFormat {
    /// Every known format: those of ggml in the order of their GGUF numbers, then the two 8-bit floats.
    ///
    /// Sources: `type_traits` in ggml's `src/ggml.c` and the static assertions in `src/ggml-common.h`; the 8-bit
    /// floats are those of Micikevicius et al. 2022, "FP8 Formats for Deep Learning", arXiv:2209.05433, under the
    /// names PyTorch and safetensors give them.
    public static let all: [QuantizationFormat] = [
        .f32,
        .f16,
        .q4_0,
        .q4_1,
        .q5_0,
        .q5_1,
        .q8_0,
        Self("Q8_1", ggmlName: "q8_1", ggufTypeID: 9, block: 32, bytes: 36, isWeightFormat: false),
        .q2_K,
        .q3_K,
        .q4_K,
        .q5_K,
        .q6_K,
        Self("Q8_K", ggmlName: "q8_K", ggufTypeID: 15, block: 256, bytes: 292, isWeightFormat: false),
        .iq2_xxs,
        .iq2_xs,
        .iq3_xxs,
        .iq1_s,
        .iq4_nl,
        .iq3_s,
        .iq2_s,
        .iq4_xs,
        Self("I8", ggmlName: "i8", ggufTypeID: 24, block: 1, bytes: 1, isWeightFormat: false),
        Self("I16", ggmlName: "i16", ggufTypeID: 25, block: 1, bytes: 2, isWeightFormat: false),
        Self("I32", ggmlName: "i32", ggufTypeID: 26, block: 1, bytes: 4, isWeightFormat: false),
        Self("I64", ggmlName: "i64", ggufTypeID: 27, block: 1, bytes: 8, isWeightFormat: false),
        Self("F64", ggmlName: "f64", ggufTypeID: 28, block: 1, bytes: 8, isWeightFormat: false),
        .iq1_m,
        .bf16,
        .tq1_0,
        .tq2_0,
        .mxfp4,
        .nvfp4,
        .q1_0,
        .q2_0,
        .float8_e4m3fn,
        .float8_e5m2,
    ]

    /// 32-bit IEEE floats.
    public static let f32 = QuantizationFormat(
        "F32",
        ggmlName: "f32",
        ggufTypeID: 0,
        block: 1,
        bytes: 4
    )

    /// 16-bit IEEE floats.
    public static let f16 = QuantizationFormat(
        "F16",
        ggmlName: "f16",
        ggufTypeID: 1,
        block: 1,
        bytes: 2
    )

    /// 16-bit floats with the exponent range of 32-bit ones.
    public static let bf16 = QuantizationFormat(
        "BF16",
        ggmlName: "bf16",
        ggufTypeID: 30,
        block: 1,
        bytes: 2
    )

    /// Blocks of 32 weights in 34 bytes, 8.5 bits per weight.
    public static let q8_0 = QuantizationFormat(
        "Q8_0",
        ggmlName: "q8_0",
        ggufTypeID: 8,
        block: 32,
        bytes: 34
    )

    /// Blocks of 256 weights in 210 bytes, 6.5625 bits per weight.
    public static let q6_K = QuantizationFormat(
        "Q6_K",
        ggmlName: "q6_K",
        ggufTypeID: 14,
        block: 256,
        bytes: 210
    )

    /// Blocks of 256 weights in 176 bytes, 5.5 bits per weight.
    public static let q5_K = QuantizationFormat(
        "Q5_K",
        ggmlName: "q5_K",
        ggufTypeID: 13,
        block: 256,
        bytes: 176
    )

    /// Blocks of 32 weights in 24 bytes, 6 bits per weight.
    public static let q5_1 = QuantizationFormat(
        "Q5_1",
        ggmlName: "q5_1",
        ggufTypeID: 7,
        block: 32,
        bytes: 24
    )

    /// Blocks of 32 weights in 22 bytes, 5.5 bits per weight.
    public static let q5_0 = QuantizationFormat(
        "Q5_0",
        ggmlName: "q5_0",
        ggufTypeID: 6,
        block: 32,
        bytes: 22
    )

    /// Blocks of 256 weights in 144 bytes, 4.5 bits per weight.
    public static let q4_K = QuantizationFormat(
        "Q4_K",
        ggmlName: "q4_K",
        ggufTypeID: 12,
        block: 256,
        bytes: 144
    )

    /// Blocks of 32 weights in 20 bytes, 5 bits per weight.
    public static let q4_1 = QuantizationFormat(
        "Q4_1",
        ggmlName: "q4_1",
        ggufTypeID: 3,
        block: 32,
        bytes: 20
    )

    /// Blocks of 32 weights in 18 bytes, 4.5 bits per weight.
    public static let q4_0 = QuantizationFormat(
        "Q4_0",
        ggmlName: "q4_0",
        ggufTypeID: 2,
        block: 32,
        bytes: 18
    )

    /// Blocks of 256 weights in 110 bytes, 3.4375 bits per weight.
    public static let q3_K = QuantizationFormat(
        "Q3_K",
        ggmlName: "q3_K",
        ggufTypeID: 11,
        block: 256,
        bytes: 110
    )

    /// Blocks of 256 weights in 84 bytes, 2.625 bits per weight.
    public static let q2_K = QuantizationFormat(
        "Q2_K",
        ggmlName: "q2_K",
        ggufTypeID: 10,
        block: 256,
        bytes: 84
    )

    /// Blocks of 32 weights in 18 bytes, 4.5 bits per weight.
    public static let iq4_nl = QuantizationFormat(
        "IQ4_NL",
        ggmlName: "iq4_nl",
        ggufTypeID: 20,
        block: 32,
        bytes: 18
    )

    /// Blocks of 256 weights in 136 bytes, 4.25 bits per weight.
    public static let iq4_xs = QuantizationFormat(
        "IQ4_XS",
        ggmlName: "iq4_xs",
        ggufTypeID: 23,
        block: 256,
        bytes: 136
    )

    /// Blocks of 32 weights in 17 bytes, 4.25 bits per weight.
    public static let mxfp4 = QuantizationFormat(
        "MXFP4",
        ggmlName: "mxfp4",
        ggufTypeID: 39,
        block: 32,
        bytes: 17
    )

    /// Blocks of 64 weights in 36 bytes, 4.5 bits per weight.
    public static let nvfp4 = QuantizationFormat(
        "NVFP4",
        ggmlName: "nvfp4",
        ggufTypeID: 40,
        block: 64,
        bytes: 36
    )

    /// 8-bit floats with 4 exponent and 3 mantissa bits, no infinities, one byte per element, which GGUF does not have.
    public static let float8_e4m3fn = QuantizationFormat(
        "float8_e4m3fn",
        ggmlName: nil,
        ggufTypeID: nil,
        block: 1,
        bytes: 1
    )

    /// 8-bit floats with 5 exponent and 2 mantissa bits, one byte per element, which GGUF does not have.
    public static let float8_e5m2 = QuantizationFormat(
        "float8_e5m2",
        ggmlName: nil,
        ggufTypeID: nil,
        block: 1,
        bytes: 1
    )
}
