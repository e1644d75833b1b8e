/// A file that stands where another is to be written, for each kind of file to tell whether it is one of its own.
///
/// Its beginning is read at once, and the whole of it where a kind is not told by that.
public struct InspectedFile: Sendable {
    /// The largest file that is read whole, in bytes: more than this program writes.
    public static let byteLimit = 1 << 28
    private static let beginningByteCount = 1 << 16

    /// Its beginning as text, in UTF-8; it may end anywhere.
    public let beginning: String
    private let source: ByteSource

    /// Opens a file on a disk; nil where there is none that can be read.
    ///
    /// - Parameter path: The file.
    public init?(path: String) {
        guard let source = try? ByteSource(path: path, streamLimit: nil) else { return nil }
        self.init(source)
    }

    /// Takes a file from memory.
    ///
    /// - Parameter bytes: What is in it.
    public init?(bytes: [UInt8]) {
        self.init(ByteSource(bytes: bytes, path: ""))
    }

    private init?(_ source: ByteSource) {
        guard let beginning = try? source.bytes(0..<min(source.byteCount, Self.beginningByteCount)) else {
            return nil
        }
        self.beginning = String(decoding: beginning, as: UTF8.self)
        self.source = source
    }

    /// Whether there is nothing in it.
    public var isEmpty: Bool { source.byteCount == 0 }

    /// Its first line that is not empty and no comment, without a line's end; nil where its beginning has none.
    public var firstLine: Substring? {
        beginning.split(whereSeparator: \.isNewline).first { !$0.hasPrefix("#") }
    }

    /// Everything that is in it; nil where that is more than ``byteLimit``, and where it cannot be read.
    public func bytes() -> [UInt8]? { try? source.bytes(limit: Self.byteLimit) }

    /// What its members are where it is a JSON object, nil where it is not.
    package func outline() -> JSONOutline? {
        guard beginning.first == "{", let bytes = bytes() else { return nil }
        return JSONOutline(bytes)
    }
}
