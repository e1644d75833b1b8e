import Foundation
public import Text

/// A file for a converter.
public struct ConverterFile: Hashable, Sendable {
    /// What tells a file that this program wrote from one that somebody wrote by hand.
    public enum Mark: Hashable, Sendable {
        /// The file is a JSON object, with the names that the new one has, or with patterns as names that are exact.
        case names
        /// Every rule of it is a pattern that is exact: anchored at both ends, with nothing in it that stands for any text.
        case exactPatterns
        /// Words stand in it as often as a key that every configuration has.
        case words(String, per: String)
    }

    /// A name for the file, without a folder.
    public let name: String
    /// What stands in the file.
    public let bytes: [UInt8]
    /// What tells such a file.
    public let mark: Mark

    /// Creates a file of a text, in UTF-8.
    ///
    /// - Parameters:
    ///   - name: A name for the file, without a folder.
    ///   - text: What stands in it.
    ///   - mark: What tells such a file from one that somebody wrote by hand.
    public init(name: String, text: String, mark: Mark) {
        self.name = name
        self.bytes = Array(text.utf8)
        self.mark = mark
    }

    /// Whether another file has the shape of this one, so that this program wrote it for the same converter.
    ///
    /// - Parameter file: The other file.
    /// - Returns: Whether it has.
    public func resembles(_ file: InspectedFile) -> Bool {
        let beginning = file.beginning
        switch mark {
        case .names:
            guard beginning.first == "{", let old = file.bytes().flatMap(Self.object),
                let new = Self.object(in: bytes)
            else { return false }
            return old.members.map(\.key).allSatisfy {
                new[$0] != nil || ($0.hasSuffix("$") && Self.isExact($0.dropLast()))
            }
        case .exactPatterns:
            let rules = beginning.split { $0.isNewline || $0 == "," }
            // The last one may have been cut off.
            return rules.dropLast(rules.count > 1 ? 1 : 0).allSatisfy { rule in
                rule.firstRange(of: "$=").map { Self.isExact(rule[..<$0.lowerBound]) } ?? false
            }
        case .words(let words, let key):
            let configurations = beginning.components(separatedBy: key).count - 1
            return configurations > 0 && beginning.components(separatedBy: words).count - 1 == configurations
        }
    }

    /// The object that some bytes are as JSON, or nil.
    private static func object(in bytes: [UInt8]) -> JSONObject? {
        try? JSONPlace(try JSONTree.parse(bytes)).object()
    }

    /// Whether a pattern, without its end, begins at a name's beginning and stands for names that it lists.
    private static func isExact(_ pattern: Substring) -> Bool {
        guard pattern.hasPrefix("^") else { return false }
        var isEscaped = false
        for character in pattern.dropFirst() {
            if isEscaped {
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if ".*+[{".contains(character) {
                return false
            }
        }
        return true
    }
}
