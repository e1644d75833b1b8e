/// What the members of a JSON object are, without what is in them: enough to know a file by, whatever its size.
package struct JSONOutline {
    /// What a member is.
    package enum Member: Hashable {
        /// An object, with its own members that are short strings.
        case object([String: String])
        /// An array.
        case array
        /// Anything else.
        case other
    }

    private var members: [String: Member] = [:]

    /// The most bytes of a string that is kept.
    private static let textLimit = 256

    /// Goes through some bytes; nil where they are no JSON, or no object, or have a member twice.
    package init?(_ bytes: [UInt8]) {
        do throws(JSONDefect) {
            var cursor = try JSONCursor(wholeOf: ByteSource(bytes: bytes, path: ""))
            try cursor.enterObject("the file")
            while let (name, _, _) = try cursor.nextMember() {
                guard members.updateValue(try Self.member(&cursor), forKey: name) == nil else { return nil }
            }
            try cursor.finish()
        } catch {
            return nil
        }
    }

    private static func member(_ cursor: inout JSONCursor) throws(JSONDefect) -> Member {
        switch try cursor.peekValue() {
        case UInt8(ascii: "{"):
            var texts: [String: String] = [:]
            try cursor.enterObject("a member")
            while let (name, _, _) = try cursor.nextMember() {
                if try cursor.peekValue() == UInt8(ascii: "\"") {
                    texts[name] = try cursor.string("a text", limit: textLimit).text
                } else {
                    try cursor.skipValue()
                }
            }
            return .object(texts)
        case UInt8(ascii: "["):
            try cursor.skipValue()
            return .array
        default:
            try cursor.skipValue()
            return .other
        }
    }

    /// A member, or nil where there is none of the name.
    package subscript(_ name: String) -> Member? { members[name] }

    /// Whether there are members of all of some names.
    package func has(_ names: [String]) -> Bool { names.allSatisfy { members[$0] != nil } }

    /// A short string that a member has as its own member; nil where there is none.
    package func text(_ name: String, in member: String) -> String? {
        guard case .object(let texts) = members[member] else { return nil }
        return texts[name]
    }
}
