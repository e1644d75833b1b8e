import Tensors
public import Text

/// An impact table as this program writes it into a file: its CSV with one more comment, a digest of all the rest.
///
/// By that comment a file is known that nobody wrote or changed by hand, so that another table may take its place. Nothing else
/// tells: a table of one's own says of its cells what the program's says.
public struct MarkedTable: Hashable, Sendable {
    /// The text of the file.
    public let text: String

    private static let mark = "# plan: "

    /// Writes a table.
    ///
    /// - Parameter table: The table.
    public init(_ table: ImpactTable) {
        let csv = table.csv()
        let comments = Self.comments(of: csv)
        text = comments + Self.mark + Self.digest(of: csv) + "\n" + csv.dropFirst(comments.count)
    }

    /// Whether a text is a table as this program wrote it.
    ///
    /// - Parameter text: The text.
    /// - Returns: Whether its digest is that of the rest.
    public static func isOwn(_ text: String) -> Bool {
        let comments = comments(of: text)
        guard let found = comments.split(separator: "\n").last, found.hasPrefix(mark) else { return false }
        let rest = comments.dropLast(found.count + 1) + text.dropFirst(comments.count)
        return found.dropFirst(mark.count) == digest(of: String(rest))
    }

    /// Whether a file holds a table as this program wrote it.
    ///
    /// - Parameter file: The file.
    /// - Returns: Whether it does.
    public static func isOwn(_ file: InspectedFile) -> Bool {
        guard file.beginning.hasPrefix("# kind: "), let bytes = file.bytes() else { return false }
        return isOwn(String(decoding: bytes, as: UTF8.self))
    }

    /// The comments in front of the header.
    private static func comments(of text: String) -> Substring {
        var end = text.startIndex
        while end < text.endIndex, text[end] == "#", let line = text[end...].firstIndex(of: "\n") {
            end = text.index(after: line)
        }
        return text[..<end]
    }

    private static func digest(of text: String) -> String {
        var digest = ContentDigest()
        digest.update(bytes: text.utf8)
        return digest.text
    }
}
