import Tensors

extension ModelWriter {
    /// The file that an earlier run put in its place, if it is what would be written here.
    ///
    /// That is seen by its size, its header, and what the run said of every tensor. Nothing is written to it.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - header: What would be written.
    ///   - progress: Called after every tensor; false ends the reading.
    /// - Returns: The file, or nil if `progress` ended it.
    /// - Throws: ``ConversionError/notOfThisRun(path:)`` for a file that is something else, and other errors of reading it.
    func placed(
        _ path: String,
        _ header: Journal.Header,
        _ progress: @Sendable (Progress) -> Bool
    ) throws(ConversionError) -> UnplacedModel? {
        let file = try workPlace(for: path, .placed)
        let other = ConversionError.notOfThisRun(path: path)
        guard file.hasSize(draft.byteCount) else { throw other }
        for own in draft.files {
            guard try file.holds(own.header, at: own.offset) else { throw other }
        }
        let journal = try journal(ofPlaced: file, at: path, header)
        let known = journal.lastEntries
        var finished: [Journal.Entry] = []
        for part in draft.parts {
            let writer = try partWriter(for: part, in: file)
            guard let entry = known[part.tensor.name], try writer.writtenDigest().text == entry.digest,
                try writer.holdsScale(), try isMade(entry, by: writer, journal)
            else { throw other }
            finished.append(entry)
            guard progress(.bytes(part.sourceByteCount)), progress(.tensor) else { return nil }
        }
        return UnplacedModel(
            written: written(finished, takenOver: 0, header),
            file: file,
            journal: journal
        )
    }

    private func journal(
        ofPlaced file: any WorkPlace,
        at path: String,
        _ header: Journal.Header
    ) throws(ConversionError) -> Journal {
        do throws(ConversionError) {
            return try Journal(
                of: file,
                besides: FileName.unfinished(path),
                header: header,
                resuming: true
            )
        } catch {
            switch error {
            case .otherRun, .nothingToResume: throw .notOfThisRun(path: path)
            default: throw error
            }
        }
    }
}
