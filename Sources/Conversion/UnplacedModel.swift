/// A model file that is whole and still stands beside its place, or that an earlier run put there without coming to its end.
public struct UnplacedModel: Sendable {
    /// What was written.
    public let written: WrittenModel
    let file: any WorkPlace
    let journal: Journal

    /// Waits until the file is on the disk.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)`` and ``ConversionError/unreadableCompanion(path:reason:)``.
    public func synchronize() throws(ConversionError) {
        try file.synchronize()
    }

    /// Puts the file in its place, once it is on the disk.
    ///
    /// What says which tensors are finished stays, so that whatever is to be done besides can be gone on with.
    ///
    /// - Parameter replacing: Whether what stands there is replaced; an empty file is in any case.
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``, ``ConversionError/cameMeanwhile(path:)`` and
    ///   ``ConversionError/unfinishedGone(path:)``.
    public func place(replacing: Bool = true) throws(ConversionError) {
        try file.place(replacing: replacing)
    }

    /// Takes away what says which tensors are finished, once nothing is left to be done.
    public func removeJournal() {
        journal.remove()
    }
}
