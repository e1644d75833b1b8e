import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What of a file is finished, in JSON Lines beside it: `OUT.partial.journal`.
///
/// ```json
/// {"version": 1, "draft": "fnv1a64:…", "weights": "fnv1a64:…", "changed": "fnv1a64:…", "importance": null, "gradients": null}
/// {"tensor": "blk.0.attn_q.weight", "digest": "…", "origin": "…", "sums": [812.5, 4.25, 812.5, 4.25, 0], "seal": "…"}
/// ```
///
/// The first line says what is written, so that another recipe, model or matrix is noticed; then follows a line for each
/// tensor. `sums` are those of ``CastSums``, `origin` is null where it is not known, and `seal` is a fingerprint of the rest of the
/// line. A last line that does not end is what a killed program leaves; it is passed over, as is any line that is not whole:
/// its tensor is cast again.
final class Journal: Sendable {
    /// What is written.
    struct Header: Hashable {
        /// The fingerprint of the draft.
        let draft: String
        /// The fingerprint of the model's weights and files.
        let weights: String
        /// The fingerprint of when anything of the model's files last changed, which need not be the same when the file is gone on with.
        let changed: String
        /// The fingerprint of the importance matrix, or nil where there is none.
        let importance: String?
        /// The fingerprint of the squared gradients, or nil where there are none.
        let gradients: String?
    }

    /// A tensor that is finished.
    struct Entry: Hashable {
        /// The tensor's name in the model.
        let tensor: String
        /// The fingerprint of its bytes.
        let digest: String
        /// The fingerprint of what it was cast from, see ``WrittenModel/origins``; nil where that is not known.
        let origin: String?
        /// How far its weights are from what stands for them.
        let sums: CastSums
    }

    /// The tensors that were finished before.
    let known: [Entry]
    /// Whether what they were made of may have been written to since, with the files' sizes and times as they were.
    let mayHaveOtherSource: Bool

    private let path: String
    private let file: AppendedFile

    /// The ending of its name.
    static let ending = ".journal"
    private static let version = 1
    /// The largest journal that is read: that of a million tensors.
    private static let byteLimit = 1_000_000_000

    /// Opens the journal of a file, or begins it.
    ///
    /// - Parameters:
    ///   - file: The file that is written, whether it is in its place or not.
    ///   - unfinished: Where that stands while it is not whole.
    ///   - header: What is written.
    ///   - resuming: Whether to go on with what is there; otherwise it is begun anew.
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``, ``ConversionError/nothingToResume(path:)`` and
    ///   ``ConversionError/otherRun(path:what:)``.
    init(
        of file: any WorkPlace,
        besides unfinished: String,
        header: Header,
        resuming: Bool
    ) throws(ConversionError) {
        path = unfinished + Self.ending
        var known: [Entry] = []
        var mayHaveOtherSource = false
        var wholeByteCount = 0
        if resuming {
            let bytes: [UInt8]
            do throws(FileError) {
                bytes = try Self.bytes(path)
            } catch {
                throw .nothingToResume(path: path)
            }
            let newline = UInt8(ascii: "\n")
            wholeByteCount = (bytes.lastIndex(of: newline) ?? -1) + 1
            let lines = bytes[..<wholeByteCount].split(separator: newline)
            guard let first = lines.first.flatMap({ Self.members($0) }) else {
                throw .nothingToResume(path: path)
            }
            try Self.check(first, against: header, path: file.path)
            mayHaveOtherSource = Self.text("changed", in: first) != header.changed
            known = lines.dropFirst().compactMap { Self.members($0).flatMap(Entry.init) }
        }
        self.known = known
        self.mayHaveOtherSource = mayHaveOtherSource
        let path = path
        self.file = try ConversionError.writing { () throws(FileError) in
            let file = try AppendedFile(ownFile: path)
            try file.cut(to: wholeByteCount)
            return file
        }
        if !resuming { try write(Self.json(header)) }
    }

    /// What is known of each tensor, the last where it was finished more than once.
    var lastEntries: [String: Entry] {
        Dictionary(known.map { ($0.tensor, $0) }) { _, last in last }
    }

    /// Appends a tensor.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func append(_ entry: Entry) throws(ConversionError) {
        let sums = entry.sums
        try write([
            "tensor": .string(entry.tensor),
            "digest": .string(entry.digest),
            "origin": entry.origin.map { .string($0) } ?? .null,
            "sums": [
                .number(sums.signal), .number(sums.error), .number(sums.weightedSignal),
                .number(sums.weightedError), .number(sums.loss),
            ],
            "seal": .string(entry.seal),
        ])
    }

    /// Whether a file begins as a journal does.
    static func isJournal(_ path: String) -> Bool {
        guard let bytes = try? bytes(path) else { return false }
        return bytes.starts(with: Array("{\"version\":".utf8))
            && members(bytes.prefix { $0 != 0x0A })?["draft"] != nil
    }

    /// Takes the journal away.
    func remove() {
        path.withSystemPath { _ = unlink($0) }
    }

    private func write(_ record: JSONValue) throws(ConversionError) {
        let bytes: [UInt8]
        do {
            bytes = try record.line()
        } catch {
            throw .cannotWrite(path: path, reason: "\(error)")
        }
        // A line that a crash of the machine loses costs a tensor that is cast again.
        try ConversionError.writing { () throws(FileError) in try file.append(bytes, isAwaited: false) }
    }

    // MARK: Lines

    private static func json(_ header: Header) -> JSONValue {
        [
            "version": .integer(version),
            "draft": .string(header.draft),
            "weights": .string(header.weights),
            "changed": .string(header.changed),
            "importance": header.importance.map { .string($0) } ?? .null,
            "gradients": header.gradients.map { .string($0) } ?? .null,
        ]
    }

    private static func check(
        _ members: [String: JSONNode],
        against header: Header,
        path: String
    ) throws(ConversionError) {
        let pairs = [
            ("recipe or model", text("draft", in: members), header.draft),
            ("state of the model's files", text("weights", in: members), header.weights),
            ("importance matrix", text("importance", in: members), header.importance),
            ("file of gradients", text("gradients", in: members), header.gradients),
        ]
        for (what, found, expected) in pairs where found != expected {
            throw .otherRun(path: path, what: what)
        }
    }

    private static func text(_ key: String, in members: [String: JSONNode]) -> String? {
        guard case .string(let text)? = members[key]?.value else { return nil }
        return text
    }

    /// The bytes of a journal; why one cannot be read makes no difference.
    private static func bytes(_ path: String) throws(FileError) -> [UInt8] {
        try InputFile.bytes(ofRegularFile: path, limit: byteLimit, followsLinks: false)
    }

    fileprivate static func members(_ line: some Collection<UInt8>) -> [String: JSONNode]? {
        guard let node = try? JSONTree.parse(Array(line)), case .object(let list) = node.value else {
            return nil
        }
        return Dictionary(list.map { ($0.key, $0.value) }) { first, _ in first }
    }
}

extension Journal.Entry {
    /// The fingerprint of all that the line says.
    fileprivate var seal: String {
        var digest = PieceDigest()
        for text in [tensor, self.digest, origin ?? ""] { digest.update(Array(text.utf8)) }
        for number in [sums.signal, sums.error, sums.weightedSignal, sums.weightedError, sums.loss] {
            digest.update(number.bitPattern)
        }
        return digest.text
    }

    /// Reads an entry, or nil if the line is none.
    fileprivate init?(_ members: [String: JSONNode]) {
        guard case .string(let tensor)? = members["tensor"]?.value,
            case .string(let digest)? = members["digest"]?.value,
            case .array(let nodes)? = members["sums"]?.value
        else { return nil }
        let numbers = nodes.compactMap { node -> Double? in
            guard case .number(let text) = node.value, let number = Double(text), number.isFinite else {
                return nil
            }
            return number
        }
        guard numbers.count == 5, nodes.count == 5, case .string(let seal)? = members["seal"]?.value else {
            return nil
        }
        var origin: String?
        if case .string(let text)? = members["origin"]?.value { origin = text }
        self.init(
            tensor: tensor,
            digest: digest,
            origin: origin,
            sums: CastSums(
                signal: numbers[0],
                error: numbers[1],
                weightedSignal: numbers[2],
                weightedError: numbers[3],
                loss: numbers[4]
            )
        )
        guard seal == self.seal else { return nil }
    }
}
