import Quantization
public import Tensors

extension ModelWriter {
    /// Whether there are a decoder and an encoder for what a tensor is cast from and to.
    ///
    /// - Parameters:
    ///   - part: The tensor.
    ///   - allowsQuantizedSource: Whether weights may be cast that are quantized already.
    /// - Returns: Whether it can be cast.
    public static func casts(_ part: ModelDraft.Part, allowsQuantizedSource: Bool = false) -> Bool {
        isReadable(part.tensor.elementType, allowsQuantizedSource: allowsQuantizedSource)
            && TensorCodec.formats.contains(part.format)
    }

    /// Whether this program can write a model: whether every tensor that is not copied can be cast.
    ///
    /// - Parameters:
    ///   - draft: The model.
    ///   - allowsQuantizedSource: Whether weights may be cast that are quantized already.
    /// - Returns: Whether it can, the importance matrix aside that some formats need.
    public static func casts(_ draft: ModelDraft, allowsQuantizedSource: Bool = false) -> Bool {
        draft.parts.allSatisfy {
            $0.isCopied || casts($0, allowsQuantizedSource: allowsQuantizedSource)
        }
    }

    /// Whether weights of a type can be cast.
    ///
    /// - Parameters:
    ///   - type: The type, or nil where it is not known.
    ///   - allowsQuantizedSource: Whether weights may be cast that are quantized already.
    /// - Returns: Whether there is a decoder for them.
    public static func isReadable(_ type: QuantizationFormat?, allowsQuantizedSource: Bool) -> Bool {
        guard let type else { return false }
        return SourceElements.formats.contains(type)
            || allowsQuantizedSource && RowCodec.formats.contains(type)
    }

    /// Refuses a tensor that cannot be cast with what is at hand.
    static func check(
        _ part: ModelDraft.Part,
        _ inputs: CastingInputs,
        allowsQuantizedSource: Bool
    ) throws(ConversionError) {
        guard isReadable(part.tensor.elementType, allowsQuantizedSource: allowsQuantizedSource) else {
            throw .unreadableType(
                tensor: part.tensor.name,
                type: part.tensor.elementType?.name ?? "unknown",
                format: part.format.name
            )
        }
        guard TensorCodec.formats.contains(part.format) else {
            throw .noCodec(tensor: part.tensor.name, format: part.format.name)
        }
        // llama-quantize asks for none for what is looked up, and for the output, where its encoder does without.
        let isExempt = ["token_embd.weight", "per_layer_token_embd.weight", "output.weight"].contains(
            part.tensor.name
        )
        let isNeeded =
            isExempt
            ? RowCodec(part.format)?.requiresImportance == true : part.format.needsImportanceMatrix
        if isNeeded, !inputs.countsInputsAlike {
            guard inputs.matrixKnows(part.tensor.name) else {
                throw .needsImportance(tensor: part.tensor.name, format: part.format.name)
            }
        }
    }

    /// The names of the tensors that are cast without the importance matrix, as it knows nothing of them or has nothing but zeros
    /// for them; none without a matrix.
    ///
    /// Those that are kept count where they are quantized; floats are rounded alike with a matrix and without.
    ///
    /// - Returns: The names, in the file's order.
    /// - Throws: ``ConversionError/checkpoint(_:)``.
    public func unweightedTensors() throws(ConversionError) -> [String] {
        guard inputs.hasMatrix else { return [] }
        var names: [String] = []
        for part in draft.parts where !part.isCopied && (part.isPlanned || part.format.blockElements > 1) {
            if try inputs.importance(of: part)?.contains(where: { $0 > 0 }) != true {
                names.append(part.tensor.name)
            }
        }
        return names
    }
}
