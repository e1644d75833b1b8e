/// The way from a document to a value in it.
///
/// It tells where something is in a document that is written on one line.
package indirect enum JSONPath: Hashable, Sendable, CustomStringConvertible {
    /// The document itself.
    case whole
    /// A member of an object.
    case member(of: JSONPath, String)
    /// An element of an array, from 0.
    case element(of: JSONPath, Int)

    /// The way as it is written in most languages, such as `layers[3].impact` or `layers["layer00.img"]`.
    package var description: String {
        switch self {
        case .whole: "the top level"
        case .member(.whole, let key) where Self.isWord(key): key
        case .member(let path, let key) where Self.isWord(key): "\(path).\(key)"
        case .member(.whole, let key): key.quoted
        case .member(let path, let key): "\(path)[\(key.quoted)]"
        case .element(.whole, let index): "[\(index)]"
        case .element(let path, let index): "\(path)[\(index)]"
        }
    }

    private static func isWord(_ key: String) -> Bool {
        !key.isEmpty && key.utf8.count <= 100
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
