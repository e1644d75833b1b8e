import Checkpoints
import Tensors

extension ModelWriter {
    /// Casts what is not finished yet, and counts what was taken over from the earlier file.
    ///
    /// - Returns: What is finished, in the file's order, or nil if `progress` ended it.
    /// - Throws: ``ConversionError``.
    func writeParts(
        _ file: any WorkPlace,
        _ journal: Journal,
        _ progress: @Sendable (Progress) -> Bool
    ) throws(ConversionError) -> (finished: [Journal.Entry], takenOver: Int)? {
        let known = journal.lastEntries
        var finished: [Journal.Entry] = []
        var takenOver = 0
        for part in draft.parts {
            var writer = try partWriter(for: part, in: file)
            // What has a scale is made anew; where it stands was not looked at. So is what was made of other weights.
            if let entry = known[part.tensor.name], part.scaleOffset == nil,
                try writer.writtenDigest().text == entry.digest,
                try isMade(entry, by: writer, journal)
            {
                finished.append(entry)
                guard progress(.bytes(part.sourceByteCount)), progress(.tensor) else { return nil }
                continue
            }
            guard let (entry, isTakenOver) = try write(&writer, progress) else { return nil }
            if isTakenOver { takenOver += 1 }
            try checkUnchanged()
            try journal.append(entry)
            finished.append(entry)
            // One that ends after the last tensor changes nothing.
            guard progress(.tensor) || finished.count == draft.parts.count else { return nil }
        }
        return (finished, takenOver)
    }

    /// What writes one tensor into a file, or holds it against what stands there.
    func partWriter(for part: ModelDraft.Part, in file: any WorkPlace) throws(ConversionError) -> PartWriter {
        PartWriter(
            part: part,
            weights: inputs.weights,
            importance: try inputs.importance(of: part),
            costs: try inputs.costs(of: part),
            file: file
        )
    }

    /// Whether a finished tensor was made of the weights that the model has now.
    ///
    /// They are read again only where their files were changed in some way since, be it by a new name.
    func isMade(
        _ entry: Journal.Entry,
        by writer: PartWriter,
        _ journal: Journal
    ) throws(ConversionError) -> Bool {
        guard journal.mayHaveOtherSource else { return true }
        return try writer.isMade(entry)
    }

    /// Writes one tensor, from the earlier file where it has what would be cast.
    private func write(
        _ writer: inout PartWriter,
        _ progress: @Sendable (Progress) -> Bool
    ) throws(ConversionError) -> (entry: Journal.Entry, isTakenOver: Bool)? {
        let part = writer.part
        func entry(_ result: PartResult, origin: String?) -> Journal.Entry {
            Journal.Entry(
                tensor: part.tensor.name,
                digest: result.digest.text,
                origin: origin,
                sums: result.sums
            )
        }
        var isCounted = false
        if let earlier, let position = earlier.offers(part, hasImportance: writer.importance != nil) {
            let recorded = earlier.origin(of: part)
            if recorded != nil {
                writer.takeOver(from: earlier, position: position)
                isCounted = true
            } else {
                isCounted = try writer.takeOverBySample(from: earlier, position: position)
            }
            if isCounted {
                let result = try writer.write { progress(.bytes($0)) }
                let origin = result.map { writer.origin($0) }
                if let result, !writer.differsFromEarlier, recorded == nil || recorded == origin {
                    return (entry(result, origin: recorded), true)
                }
                // What ended before its end and found nothing was ended by whoever watches.
                guard result != nil || writer.differsFromEarlier else { return nil }
            }
            writer.castAnew()
        }
        let counted = isCounted
        guard let result = try writer.write({ progress(.bytes(counted ? 0 : $0)) }) else { return nil }
        return (entry(result, origin: part.isCopied ? nil : writer.origin(result)), false)
    }

    /// Refuses to go on where the model's files, or the earlier one, were changed since they were opened.
    func checkUnchanged() throws(ConversionError) {
        try ConversionError.wrapping { () throws(CheckpointError) in
            try inputs.weights.checkUnchanged()
            try earlier?.weights.checkUnchanged()
        }
    }
}
