import Estimation
import Tensors

/// What writing a drafted model takes on this machine.
public struct WritingEstimate: Hashable, Sendable {
    /// The seconds that casting takes, tried out on a few rows of every format; the disk may take longer.
    public let seconds: Double
    /// The bytes of memory, the program's own among them.
    public let memoryByteCount: Int

    /// What the program takes before it has read a model, with the tables of its codecs.
    private static let programByteCount = 24 << 20
    /// What each core holds of a tensor at a time, see `PartPieces`: half a megabyte of the model, as many weights as floats of 32
    /// bits, at most eight times that of 4-bit sources, and what stands for them in the file, once to write and once to read again.
    private static let coreByteCount = 4 << 20

    /// Estimates it.
    ///
    /// - Parameters:
    ///   - draft: What is written.
    ///   - hasImportance: Whether the encoders look at an importance matrix, with which they search for longer.
    ///   - coreCount: The cores that cast side by side.
    public init(_ draft: ModelDraft, hasImportance: Bool, coreCount: Int) {
        var weights: [QuantizationFormat: Int] = [:]
        for part in draft.parts where !part.isCopied {
            weights[part.format, default: 0] += part.tensor.elementCount
        }
        seconds = weights.reduce(0) { seconds, format in
            seconds
                + MeasuringTime([format.key], hasImportance: hasImportance)
                .seconds(weightCount: Double(format.value), coreCount: coreCount)
        }
        // The model's own header and the file's, each as bytes and as what was read of them.
        let headers = draft.files.reduce(0) { $0 + $1.header.count }
        memoryByteCount = Self.programByteCount + coreCount * Self.coreByteCount + 8 * headers
    }
}
