import Quantization
import Synchronization
import Tensors

/// The codec of a tensor, and the scale of formats that have one for the whole tensor.
extension PartWriter {
    /// What casts the rows, by a scale for the largest of the weights where the file has one; nil for a format without a codec, and where
    /// nothing is cast.
    ///
    /// - Throws: ``ConversionError`` for weights that cannot be read, or are no numbers.
    func codec() throws(ConversionError) -> TensorCodec? {
        if part.isStored { return nil }
        guard part.scaleOffset != nil, let format = part.format.scaledFormat else {
            return TensorCodec(part.format, source: source.type, peak: 0)
        }
        return TensorCodec(format, peak: try peak())
    }

    /// The largest magnitude of the weights, all of which are read.
    private func peak() throws(ConversionError) -> Float {
        let peaks = Mutex<Float>(0)
        _ = try pieces.together { piece throws(ConversionError) in
            let values = try source.values(try source.bytes(piece), piece)
            var peak: Float = 0
            for (index, value) in values.enumerated() {
                guard value.isFinite else { throw source.nonFinite("\(value)", at: index, piece) }
                peak = max(peak, abs(value))
            }
            peaks.withLock { $0 = max($0, peak) }
            return PartResult()
        }
        return peaks.withLock { $0 }
    }

    /// What the weights in the file are multiplied by: the scale of the model's own floats where these are written, else the codec's.
    ///
    /// - Throws: ``ConversionError/weight(tensor:row:column:value:)`` for a scale of the model's by which no weight is a number.
    func scale(by codec: TensorCodec?) throws(ConversionError) -> Float? {
        part.isStored ? try source.storedScale() : codec?.scale
    }

    /// A scale as it stands in the file.
    static func bytes(ofScale scale: Float) -> [UInt8] {
        withUnsafeBytes(of: scale.bitPattern.littleEndian) { Array($0) }
    }
}
