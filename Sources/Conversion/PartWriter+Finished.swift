/// Holding what a run wrote of a tensor, this one or an earlier one, against what would be written now.
extension PartWriter {
    /// A fingerprint of what the tensor was cast from: all of its weights, and the importance that the encoder was given.
    func origin(_ result: PartResult) -> String {
        var digest = result.source
        if let importance {
            for value in importance { digest.update(UInt64(value.bitPattern)) }
        }
        digest.update(UInt64(importance?.count ?? 0))
        return digest.text
    }

    /// Whether what was written of the tensor was made of the weights that the model has now, all of which are read.
    ///
    /// - Parameter entry: What was said of it then; it has to say what the tensor was cast from.
    /// - Returns: Whether it was.
    /// - Throws: ``ConversionError``.
    func isMade(_ entry: Journal.Entry) throws(ConversionError) -> Bool {
        let result = try pieces.together { piece throws(ConversionError) in
            var result = PartResult()
            result.source.update(try source.bytes(piece))
            return result
        }
        guard let result else { return false }
        return part.isCopied ? entry.digest == result.source.text : entry.origin == origin(result)
    }

    /// The fingerprint of what stands in the file for the tensor.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func writtenDigest() throws(ConversionError) -> PieceDigest {
        let result = try pieces.together { piece throws(ConversionError) in
            var result = PartResult()
            for place in part.places {
                result.digest.update(
                    try file.read(
                        piece.count * place.rowByteCount,
                        at: place.offset + piece.lowerBound * place.rowByteCount
                    )
                )
            }
            return result
        }
        return result?.digest ?? PieceDigest()
    }

    /// Whether the scale that stands in the file is that of the weights; true where there is none.
    ///
    /// - Throws: ``ConversionError``.
    func holdsScale() throws(ConversionError) -> Bool {
        guard let scaleOffset = part.scaleOffset, let scale = try scale(by: codec()) else { return true }
        return try file.holds(Self.bytes(ofScale: scale), at: scaleOffset)
    }
}
