/// What can be wrong in a JSON text at a place.
public enum JSONProblem: Hashable, Sendable {
    /// The text does not go on as JSON does.
    case notJSON(found: String)
    /// Arrays and objects are nested deeper than they may be.
    case tooDeep(limit: Int)
    /// There are more values than there may be.
    case tooManyValues(limit: Int)
    /// Something is of another kind than it must be.
    case unexpectedValue(of: String, expected: String)
    /// A number is not a whole number from 0 to the largest of 64 bits.
    case notWholeNumber(of: String, found: String)
    /// A text, of what is said, has more bytes in UTF-8 than it may have.
    case textTooLong(of: String, byteCount: Int, limit: Int)
    /// A text, of what is said, is not UTF-8.
    case notUTF8(of: String)
    /// An object has a name twice.
    case nameTwice(of: String, name: String)
    /// An object lacks a member.
    case missingMember(of: String, member: String)
}

extension JSONProblem: CustomStringConvertible {
    /// What is wrong and, where there is one, the remedy, in one clause.
    public var description: String {
        switch self {
        case .notJSON(let found): "it is no JSON, as \(found) stands there"
        case .tooDeep(let limit): "it has more than \(limit) nested arrays and objects"
        case .tooManyValues(let limit): "it has more than \(limit) values"
        case .unexpectedValue(let what, let expected): "\(what) is not \(expected)"
        case .notWholeNumber(let what, let found):
            "\(what) is \(found), and must be a whole number from 0 to 2^64 - 1"
        case .textTooLong(let what, let byteCount, let limit):
            "\(what) has \(byteCount) bytes, and may have \(limit)"
        case .notUTF8(let what): "\(what) is not UTF-8"
        case .nameTwice(let what, let name): "\(what) has \(name.quoted) twice"
        case .missingMember(let what, let member): "\(what) has no \(member.quoted)"
        }
    }
}
