import Text

extension ByteSource {
    /// Reads little-endian `float32` that must be finite and not negative.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - offset: Where they begin, counted from the beginning of the file.
    ///   - tensor: The name of the tensor that they say something of.
    /// - Returns: The numbers.
    /// - Throws: ``CheckpointError/impossibleImportance(path:tensor:value:)`` and
    ///   ``CheckpointError/file(_:)``.
    func nonNegativeFloats(_ count: Int, at offset: Int, tensor: String) throws(CheckpointError) -> [Float] {
        let bytes = try part(offset..<offset + 4 * count)
        var floats: [Float] = []
        floats.reserveCapacity(count)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
            let value = Float(bitPattern: bits)
            guard value.isFinite, value >= 0 else {
                throw .impossibleImportance(path: path, tensor: tensor, value: "\(value)")
            }
            floats.append(value)
        }
        return floats
    }
}
