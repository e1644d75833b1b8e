import Checkpoints
import Text

/// A file of measured errors, in JSON Lines: a header, then a line per tensor, in the order in which they were measured.
///
/// ```json
/// {"version": 2, "model": "llama", "digest": "fnv1a64:…", "weights": "fnv1a64:…", "formats": ["Q4_0", "Q2_K"], "rows": 0.05, "seed": "1", "importance": {"name": "imatrix.gguf", "digest": "fnv1a64:…"}, "part": "3/16"}
/// {"tensor": "blk.0.attn_q.weight", "rows": 4096, "measured": 205, "importance": true, "signal": [812.5, 3.1], "errors": {"Q4_0": [4.25, 0.02], "Q2_K": null}, "weighted": {"signal": [92.4, 0.4], "errors": {"Q4_0": [0.5, 0.003], "Q2_K": null}}}
/// ```
///
/// `signal` and `errors` are `[value, standard error]`, see ``OutputErrors``; `null` stands where a format does not fit, and
/// `"inf"` where it cannot hold a weight. `weighted` has the same by the importance-weighted norm of the same cast, where the
/// importance of the tensor's inputs is known. Files of version 1 are read if they were made without an importance matrix.
/// A line is written when its tensor is finished, so that a program that is ended loses the one at work. A last line that
/// does not end is what such an end leaves behind; it is passed over, and every other line that cannot be read is an
/// error.
public struct EstimateDocument: Sendable {
    /// The largest file that is read, in bytes.
    public static let byteLimit = 1_000_000_000

    /// Where it was read from.
    public let path: String
    /// What it was measured on, and how.
    public let header: EstimateHeader
    /// The tensors that are in it, in its order.
    public let estimates: [TensorEstimate]
    /// The number of bytes up to the end of the last whole line.
    let wholeByteCount: Int
    /// Whether a line after that was cut off.
    public let isTorn: Bool

    /// Reads a file.
    ///
    /// - Throws: ``EstimationError/checkpoint(_:)`` for a file that cannot be read,
    ///   ``EstimationError/earlierVersion(path:)`` and ``EstimationError/malformed(path:line:problem:)``.
    public init(path: String) throws(EstimationError) {
        try self.init(Self.bytes(path: path), path: path)
    }

    /// What the first line of a file says, whatever is wrong with the others.
    ///
    /// - Parameter path: The file.
    /// - Returns: What was measured, and how.
    /// - Throws: As ``init(path:)``, for that line.
    public static func header(path: String) throws(EstimationError) -> EstimateHeader {
        let bytes = try bytes(path: path)
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        return try EstimateDocument(Array(bytes[..<end]), path: path).header
    }

    /// Whether a file without a whole line begins like one that this program writes, or not at all.
    private static func beginsTorn(_ bytes: [UInt8]) -> Bool {
        Array("{\"version\": ".utf8).starts(with: bytes.prefix(12))
    }

    /// Whether a file was begun by a program that ended before its first tensor was measured; false for a file of something else.
    static func hasNoTensor(path: String) -> Bool {
        let newline = UInt8(ascii: "\n")
        // A pipe would be waited for.
        guard InputFile.byteCount(of: path) != nil, let bytes = try? bytes(path: path) else { return false }
        // A program that ended while it wrote the header left no whole line.
        guard let end = bytes.firstIndex(of: newline) else { return beginsTorn(bytes) }
        guard !bytes[(end + 1)...].contains(newline) else { return false }
        return (try? EstimateDocument(bytes, path: path)) != nil
    }

    private static func bytes(path: String) throws(EstimationError) -> [UInt8] {
        do throws(FileError) {
            return try InputFile.bytes(at: path, limit: byteLimit)
        } catch {
            throw .checkpoint(.file(error))
        }
    }

    /// Reads the bytes of a file.
    ///
    /// - Throws: ``EstimationError/earlierVersion(path:)`` and ``EstimationError/malformed(path:line:problem:)``.
    package init(_ bytes: [UInt8], path: String) throws(EstimationError) {
        let newline = UInt8(ascii: "\n")
        wholeByteCount = (bytes.lastIndex(of: newline) ?? -1) + 1
        isTorn = wholeByteCount < bytes.count
        // One line at a time: what follows a line that is none of these is not looked at.
        var rest = bytes[..<wholeByteCount]
        func nextLine() -> ArraySlice<UInt8>? {
            guard let end = rest.firstIndex(of: newline) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return rest[..<end]
        }
        let first = nextLine().flatMap { EstimateRecord(line: $0) }
        if let first, EstimateHeader.lacksPlainErrors(first) {
            throw .earlierVersion(path: path)
        }
        guard let header = first.flatMap({ EstimateHeader($0) }) else {
            throw .malformed(path: path, line: 1, problem: "it is not the header of measured errors")
        }
        var names: Set<String> = []
        var estimates: [TensorEstimate] = []
        while let line = nextLine() {
            guard let record = EstimateRecord(line: line),
                let estimate = TensorEstimate(record, formats: header.formats)
            else {
                throw .malformed(
                    path: path,
                    line: estimates.count + 2,
                    problem: "it is not the errors of a tensor"
                )
            }
            guard names.insert(estimate.tensor).inserted else {
                throw .malformed(
                    path: path,
                    line: estimates.count + 2,
                    problem: "\(estimate.tensor.quoted) is there a second time"
                )
            }
            estimates.append(estimate)
        }
        self.path = path
        self.header = header
        self.estimates = estimates
    }

    /// Puts the tensors of several files together.
    ///
    /// - Parameters:
    ///   - documents: The files, at least one; they may be parts, or overlap.
    ///   - expected: The header that they must have, the parts aside; nil for that of the first.
    /// - Returns: Every tensor once, by its name.
    /// - Throws: ``EstimationError/differs(path:what:found:expected:)`` and ``EstimationError/conflict(tensor:path:)``.
    public static func merged(
        _ documents: [EstimateDocument],
        expected: EstimateHeader? = nil
    ) throws(EstimationError) -> [String: TensorEstimate] {
        var merged: [String: TensorEstimate] = [:]
        for document in documents {
            if let header = expected ?? documents.first?.header {
                try document.header.check(against: header, path: document.path, sameParts: false)
            }
            for estimate in document.estimates {
                if let earlier = merged.updateValue(estimate, forKey: estimate.tensor), earlier != estimate {
                    throw .conflict(tensor: estimate.tensor, path: document.path)
                }
            }
        }
        return merged
    }
}
