extension QuantizationFormat {
    /// The 8-bit floats of a weight that is divided by one number, which the file has beside it as a 32-bit float, so that its largest
    /// element is the largest number of the format.
    ///
    /// ComfyUI reads them and convert_to_quant writes them; the file itself calls them as the floats without a scale are called, see
    /// ``elementFormat``. Weights that are cast without a scale lose what is below the smallest number of the format, which of a weight
    /// of small elements is much.
    public static let scaled: [QuantizationFormat] = [.float8_e4m3fn_scaled, .float8_e5m2_scaled]

    /// 8-bit floats as ``float8_e4m3fn``, with one scale for the whole weight.
    public static let float8_e4m3fn_scaled = scaledFloat(of: .float8_e4m3fn)

    /// 8-bit floats as ``float8_e5m2``, with one scale for the whole weight.
    public static let float8_e5m2_scaled = scaledFloat(of: .float8_e5m2)

    private static func scaledFloat(of format: QuantizationFormat) -> QuantizationFormat {
        QuantizationFormat(
            format.name + "_scaled",
            ggmlName: nil,
            ggufTypeID: nil,
            block: format.blockElements,
            bytes: format.blockBytes
        )
    }

    /// The type of the elements as files name it: of a scaled format the one without a scale, of every other the format itself.
    public var elementFormat: QuantizationFormat {
        switch self {
        case .float8_e4m3fn_scaled: .float8_e4m3fn
        case .float8_e5m2_scaled: .float8_e5m2
        default: self
        }
    }

    /// The format of these elements with one scale for the whole weight, or nil for elements that have none.
    public var scaledFormat: QuantizationFormat? {
        Self.scaled.first { $0.elementFormat == elementFormat }
    }

    /// Whether a weight has one scale.
    public var isScaled: Bool { elementFormat != self }
}
