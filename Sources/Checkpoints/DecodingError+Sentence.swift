#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension DecodingError {
    /// Where the error is and what is wrong there, as one plain clause, such as `tensors[3].shape[0] is not a whole
    /// number`.
    var sentence: String {
        switch self {
        case .keyNotFound(let key, let context):
            "\(Self.place(context.codingPath)) has no \"\(key.stringValue)\""
        case .valueNotFound(let type, let context):
            "\(Self.place(context.codingPath)) is null instead of \(Self.name(of: type))"
        case .typeMismatch(let type, let context):
            "\(Self.place(context.codingPath)) is not \(Self.name(of: type))"
        case .dataCorrupted(let context):
            // What is no JSON at all has no place; otherwise only whole numbers can be corrupt.
            context.codingPath.isEmpty
                ? "it is not JSON"
                : "\(Self.place(context.codingPath)) is not a whole number that fits 64 bits"
        @unknown default:
            "it cannot be read as JSON"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        var place = ""
        for key in path {
            if let index = key.intValue {
                place += "[\(index)]"
            } else {
                place += (place.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return place.isEmpty ? "the whole" : place
    }

    private static func name(of type: any Any.Type) -> String {
        if type == Int.self {
            "a whole number"
        } else if type == String.self {
            "a string"
        } else if type == [Any].self {
            "an array"
        } else {
            "an object"
        }
    }
}
