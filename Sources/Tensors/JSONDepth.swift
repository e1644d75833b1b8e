/// How deeply a text that may be JSON is nested.
///
/// Foundation's decoder traps where its own limit, 512, is reached at the very end of a text, so depth is looked at before.
package enum JSONDepth {
    /// The deepest nesting that is handed to the decoder.
    package static let limit = 500

    /// Whether arrays and objects are nested more deeply than ``limit``.
    ///
    /// Of a text that is no JSON, the part before the first mistake counts as the decoder would count it.
    package static func exceedsLimit(_ bytes: some Sequence<UInt8>) -> Bool {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > limit { return true }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return false
    }
}
