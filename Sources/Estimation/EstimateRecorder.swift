import Text

/// Appends measured errors to their file, a tensor at a time, so that what is finished lasts.
public final class EstimateRecorder {
    /// The tensors that were in the file before.
    public let known: [TensorEstimate]
    /// Whether the file ended in the middle of a line, which was cut off.
    public let wasTorn: Bool

    private let file: AppendedFile
    private let path: String
    private let header: EstimateHeader

    /// Opens the file to go on with it, or makes it.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - header: What is measured, and how.
    ///   - resuming: Whether to go on with a file that exists.
    ///   - replacing: Whether to begin a file anew that exists and is not gone on with, whatever is in it. One without a measured tensor,
    ///     as a full disk leaves it, is begun anew in any case.
    /// - Throws: ``EstimationError/exists(path:)``, ``EstimationError/cannotWrite(path:reason:)``, also while another
    ///   program writes to it, ``EstimationError/differs(path:what:found:expected:)``, and the errors of
    ///   ``EstimateDocument/init(path:)``.
    public init(
        path: String,
        header: EstimateHeader,
        resuming: Bool,
        replacing: Bool = false
    ) throws(EstimationError) {
        self.path = path
        self.header = header
        let exists = InputFile.exists(path)
        guard !exists || resuming || replacing || EstimateDocument.hasNoTensor(path: path) else {
            throw .exists(path: path)
        }
        let file = try EstimationError.writing { () throws(FileError) in
            try AppendedFile(path, isNew: !exists)
        }
        self.file = file
        var earlier: EstimateDocument?
        // Looked at again now that no other program writes to it.
        if exists, replacing && !resuming || EstimateDocument.hasNoTensor(path: path) {
            try EstimationError.writing { () throws(FileError) in try file.cut(to: 0) }
        } else if exists {
            guard resuming else { throw .exists(path: path) }
            earlier = try Self.earlier(path, header, file)
        }
        known = earlier?.estimates ?? []
        wasTorn = earlier?.isTorn ?? false
        if earlier == nil { try write(header.json) }
    }

    /// What is in a file that is gone on with; a line that was cut off is taken away.
    private static func earlier(
        _ path: String,
        _ header: EstimateHeader,
        _ file: AppendedFile
    ) throws(EstimationError) -> EstimateDocument {
        let document = try EstimateDocument(path: path)
        try document.header.check(against: header, path: path, sameParts: true)
        if document.isTorn {
            try EstimationError.writing { () throws(FileError) in try file.cut(to: document.wholeByteCount) }
        }
        return document
    }

    /// Appends a tensor, and waits until it is on the disk.
    ///
    /// - Throws: ``EstimationError/cannotWrite(path:reason:)``.
    public func append(_ estimate: TensorEstimate) throws(EstimationError) {
        try write(estimate.json(formats: header.formats))
    }

    private func write(_ record: JSONValue) throws(EstimationError) {
        let bytes: [UInt8]
        do {
            bytes = try record.line()
        } catch {
            throw .cannotWrite(path: path, reason: "\(error)")
        }
        try EstimationError.writing { () throws(FileError) in try file.append(bytes) }
    }
}
