/// Where a model is written before it is whole: a file or a folder beside the one that it will be.
///
/// It is locked while it is written, so that two programs that make one model do not write into each other's work. What ends the
/// program leaves it there, to be gone on with.
protocol WorkPlace: Sendable {
    /// Where it is.
    var path: String { get }

    /// Checks that the disk has room for so many bytes of tensors, what is there already counted, and so many bytes more.
    ///
    /// - Throws: ``ConversionError/noRoom(path:needed:available:)``.
    func checkRoom(for byteCount: Int, moreBytes: Int) throws(ConversionError)

    /// Takes the room that the tensors need.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func setSize(_ byteCount: Int) throws(ConversionError)

    /// Writes bytes at a place; several threads may do so at the same time.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func write(_ bytes: [UInt8], at offset: Int) throws(ConversionError)

    /// Reads bytes of a place; fewer where the file ends.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func read(_ byteCount: Int, at offset: Int) throws(ConversionError) -> [UInt8]

    /// Whether bytes stand at a place.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func holds(_ bytes: [UInt8], at offset: Int) throws(ConversionError) -> Bool

    /// Waits until everything is on the disk, and puts the model in its place.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func finish() throws(ConversionError)

    /// Takes away what was written.
    func remove()
}
