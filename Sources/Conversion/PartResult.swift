/// What was found of a tensor, or of a piece of it, while it was written or read again.
struct PartResult {
    /// Of the bytes in the file.
    var digest = PieceDigest()
    /// Of the model's bytes that they were made of.
    var source = PieceDigest()
    /// How far the weights are from what stands for them.
    var sums = CastSums()

    /// Adds the piece that follows.
    mutating func append(_ piece: PartResult) {
        digest.update(piece.digest.value)
        source.update(piece.source.value)
        sums.add(piece.sums)
    }
}
