import Tensors

/// What becomes of a planned tensor when a converter is told to make it in a format.
enum TensorOutcome: Hashable {
    /// It ends in the format.
    case made
    /// The converter does not accept the format.
    case notAccepted
    /// The format's blocks do not divide the tensor's rows.
    case doesNotFit
    /// The converter never quantizes the tensor, which stays in another format.
    case neverQuantized
    /// The converter would leave the tensor as it is, in a source format that is not the planned one.
    case leftAsItIs(source: QuantizationFormat)
}

extension Converter {
    /// What becomes of a tensor that is planned in a format.
    func outcome(of tensor: TensorInfo, in format: QuantizationFormat) -> TensorOutcome {
        outcome(of: tensor, in: format, isNeverQuantized: neverQuantizes(tensor))
    }

    /// The same, where it is known whether the converter never quantizes the tensor.
    func outcome(
        of tensor: TensorInfo,
        in format: QuantizationFormat,
        isNeverQuantized: Bool
    ) -> TensorOutcome {
        guard let accepted = formats.first(where: { $0.format == format }) else { return .notAccepted }
        guard format.fits(tensor) else { return .doesNotFit }
        if isNeverQuantized {
            // Such a tensor may be planned to stay as it is.
            let staysIn = keptFormat(for: tensor) ?? tensor.elementType ?? .bf16
            let isUnchanged = format.blockElements == 1 && format.bitsPerWeight == staysIn.bitsPerWeight
            return isUnchanged ? .made : .neverQuantized
        }
        if accepted.isUntouched, let source = tensor.elementType, source != format {
            return .leftAsItIs(source: source)
        }
        return .made
    }
}
