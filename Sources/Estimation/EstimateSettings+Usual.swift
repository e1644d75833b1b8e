public import Checkpoints
public import Converters
public import Runtimes
public import Tensors

extension EstimateSettings {
    /// The formats that are worth measuring of a model: those that are smaller than its source and that a file of such a model is
    /// likely to hold, without those that would need an importance that there is not.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - layers: The layers that a plan would decide about; nil where every tensor may be one.
    ///   - runtime: The program that will load the file; nil where none is named.
    ///   - hasImportance: Whether the encoders are given an importance of the inputs.
    /// - Returns: The formats, which may be none.
    public static func usualFormats(
        for model: Model,
        layers: LayeredModel? = nil,
        runtime: TargetRuntime?,
        hasImportance: Bool
    ) -> [QuantizationFormat] {
        worthMeasuring(
            measurableFormats,
            than: runtime == .comfyUI
                ? castFormat(of: model, layers, by: Converters.usual(for: .safetensors)) : model.sourceFormat,
            hasImportance: hasImportance
        ) {
            runtime?.decodes($0) ?? isLikely($0, of: model)
        }
    }

    /// The formats of a converter that are worth measuring of a model.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - layers: The layers that a plan would decide about; nil where every tensor may be one.
    ///   - converter: The converter that makes the file.
    ///   - runtime: The program that will load the file; nil where any may.
    ///   - hasImportance: Whether the encoders are given an importance of the inputs.
    /// - Returns: The formats, which may be none.
    public static func usualFormats(
        for model: Model,
        layers: LayeredModel? = nil,
        madeBy converter: any Converter,
        runtime: TargetRuntime?,
        hasImportance: Bool
    ) -> [QuantizationFormat] {
        let made = converter.withoutUnscaledTwins(converter.formats.map(\.format))
        // Who stores 8-bit floats with a scale could keep those that the model's files have, which are read as BF16.
        let storesScaled = made.contains { $0.scaledFormat != nil }
        return worthMeasuring(
            made,
            than: storesScaled ? castFormat(of: model, layers, by: converter) : model.sourceFormat,
            hasImportance: hasImportance
        ) { runtime?.decodes($0) ?? true }
    }

    /// The format that most of those weights have in the model's files that are cast: 8-bit floats, of which a few layers are left in more
    /// bits, stay as they are.
    private static func castFormat(
        of model: Model,
        _ layers: LayeredModel?,
        by converter: any Converter
    ) -> QuantizationFormat {
        let own = model.fileFormat
        guard own.scaledFormat != nil, converter.copiesStoredFloats else { return own }
        let planned = layers.map { Set($0.layers.flatMap { $0.tensors.map(\.name) }) }
        let others = model.fileFormat { tensor, format in
            format.scaledFormat == nil && planned?.contains(tensor.name) ?? true
                && !converter.neverQuantizes(tensor)
        }
        return others ?? own
    }

    private static func worthMeasuring(
        _ formats: [QuantizationFormat],
        than source: QuantizationFormat,
        hasImportance: Bool,
        where isWanted: (QuantizationFormat) -> Bool
    ) -> [QuantizationFormat] {
        formats.filter {
            isSmaller($0, than: source) && (hasImportance || !$0.needsImportanceMatrix) && isWanted($0)
        }
    }

    /// Whether a format is smaller than the source, or than the 16 bits that weights in 8-bit floats take where a file cannot hold
    /// these.
    private static func isSmaller(_ format: QuantizationFormat, than source: QuantizationFormat) -> Bool {
        if format.bitsPerWeight < source.bitsPerWeight { return true }
        return [.float8_e4m3fn, .float8_e5m2].contains(source)
            && source.bitsPerWeight < format.bitsPerWeight
            && format.bitsPerWeight < QuantizationFormat.bf16.bitsPerWeight
    }

    /// Whether something is likely to be made of a model that holds a format: of a GGUF file another one; of a language model from
    /// Hugging Face, whose tensors have other names in GGUF, a folder for MLX; of a diffusion model that this program makes GGUF files
    /// of one of those; of any other model everything but a folder for MLX.
    private static func isLikely(_ format: QuantizationFormat, of model: Model) -> Bool {
        let isForMLX = QuantizationFormat.mlx.contains(format)
        if model.kind == .gguf { return format.ggufTypeID != nil }
        if model.isLanguageModelFromHub { return isForMLX }
        if GGUFTarget(for: model) != nil { return format.ggufTypeID != nil }
        return !isForMLX
    }
}
