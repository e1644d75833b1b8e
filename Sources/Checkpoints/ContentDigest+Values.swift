import Tensors
import Text

extension ContentDigest {
    /// The most values of one vector that are counted.
    static let sampleCount = 64

    /// Adds how many 32-bit values a vector has, and those in its middle.
    ///
    /// - Parameters:
    ///   - count: The number of values.
    ///   - offset: Where they begin in the file.
    ///   - source: The file.
    /// - Throws: ``CheckpointError/file(_:)``.
    mutating func update(middleOf count: Int, at offset: Int, in source: ByteSource) throws(CheckpointError) {
        update(field: count)
        let sampled = min(Self.sampleCount, count)
        let start = offset + 4 * ((count - sampled) / 2)
        update(bytes: try source.part(start..<start + 4 * sampled))
    }
}
