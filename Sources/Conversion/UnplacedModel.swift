/// A model file that is whole and still stands beside its place.
public struct UnplacedModel: Sendable {
    /// What was written.
    public let written: WrittenModel
    let file: any WorkPlace
    let journal: Journal

    /// Puts the file in its place, once it is on the disk.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    public func place() throws(ConversionError) {
        try file.finish()
        journal.remove()
    }
}
