/// Where a model is written before it is whole: a file or a folder beside the one that it will be.
///
/// It is locked while it is written, so that two programs that make one model do not write into each other's work. What ends the
/// program leaves it there, to be gone on with.
protocol WorkPlace: Sendable {
    /// Where it is.
    var path: String { get }

    /// Whether it is the finished model in its place already, as a run that was ended after the last tensor leaves it; nothing is
    /// written to it then.
    var isPlaced: Bool { get }

    /// Checks that the disk has room for so many bytes of tensors, what is there already counted, and so many bytes more.
    ///
    /// - Throws: ``ConversionError/noRoom(path:needed:available:)``.
    func checkRoom(for byteCount: Int, moreBytes: Int) throws(ConversionError)

    /// Takes the room that the tensors need.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func setSize(_ byteCount: Int) throws(ConversionError)

    /// Whether it has the size that the tensors need, no byte more.
    func hasSize(_ byteCount: Int) -> Bool

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

    /// Writes what belongs to the model besides its tensors, and waits until everything is on the disk.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)`` and ``ConversionError/unreadableCompanion(path:reason:)``.
    func synchronize() throws(ConversionError)

    /// Puts the model in its place, once it is on the disk.
    ///
    /// - Parameter replacing: Whether what stands there is replaced; an empty file or folder is in any case.
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``, ``ConversionError/cameMeanwhile(path:)`` where something is there that is
    ///   not to be replaced, and ``ConversionError/unfinishedGone(path:)``.
    func place(replacing: Bool) throws(ConversionError)

    /// Takes away what was written.
    func remove()
}

/// How what is written is opened.
enum WorkOpening {
    /// It is begun anew, whatever is there.
    case anew
    /// What an earlier run left is gone on with.
    case resuming
    /// The finished model stands in its place, and is only read.
    case placed
}
