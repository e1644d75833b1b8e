import Text

/// What stands at a path and beside it while a model is written there, and after a run that was ended.
extension ModelWriter {
    /// The files beside the one that is written, while it is.
    public static func workFiles(for path: String) -> [String] {
        [FileName.unfinished(path), FileName.unfinished(path) + Journal.ending]
    }

    /// Whether a file is one of ``workFiles(for:)`` that an earlier run left, rather than one that only has such a name.
    public static func isUnfinished(_ path: String) -> Bool {
        Journal.isJournal(path.hasSuffix(Journal.ending) ? path : path + Journal.ending)
    }

    /// Whether a folder holds a model that this program wrote, which may be replaced by another one.
    public static func isWrittenFolder(_ path: String) -> Bool {
        FinishedFolder.isOwn(path)
    }

    /// Whether an earlier run left something of a file that can be gone on with.
    public static func canResume(_ path: String) -> Bool {
        workFiles(for: path).allSatisfy(InputFile.exists) || isPlaced(path)
    }

    /// Whether another program is writing a file at this moment.
    public static func isBeingWritten(_ path: String) -> Bool {
        WorkDescriptor.isLocked(FileName.unfinished(path))
    }

    /// Whether an earlier run seems to have put a file in its place and ended before it took away what it goes on by.
    ///
    /// That it is this one is seen when it is gone on with.
    public static func isPlaced(_ path: String) -> Bool {
        let unfinished = FileName.unfinished(path)
        guard InputFile.exists(path), InputFile.exists(unfinished + Journal.ending) else { return false }
        // It has both names where the run ended between taking the new one and leaving the old.
        guard let left = FileIdentity(ofNameItself: unfinished) else { return true }
        return FileIdentity(ofNameItself: WorkDescriptor.resolved(path)) == left
    }

    /// Whether a finished file stands at a path that has the size and the header of what would be written there, of which nothing is
    /// left to be done; its weights are not read.
    public func isWritten(at path: String) -> Bool {
        guard InputFile.exists(path), !InputFile.exists(FileName.unfinished(path) + Journal.ending),
            let file = try? workPlace(for: path, .placed), file.hasSize(draft.byteCount)
        else { return false }
        return draft.files.allSatisfy { (try? file.holds($0.header, at: $0.offset)) == true }
    }

    /// The file or the folder that is written, opened beside its place or in it.
    func workPlace(for path: String, _ opening: WorkOpening) throws(ConversionError) -> any WorkPlace {
        guard let companions = draft.companions else { return try WorkFile(for: path, opening) }
        return try WorkFolder(for: path, files: draft.files, companions: companions, opening)
    }
}
