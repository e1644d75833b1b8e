import Tensors
import Text

/// The members of an object of which each key stands once.
struct JSONMembers {
    private let place: String
    private let file: String
    private let line: Int
    private var members: [String: JSONNode.Member] = [:]

    /// Takes the members of a value.
    ///
    /// - Parameters:
    ///   - node: The value, an object.
    ///   - place: What messages call it.
    ///   - file: What messages call the text.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    init(_ node: JSONNode, place: String, file: String) throws(SensitivityError) {
        self.place = place
        self.file = file
        line = node.line
        guard case .object(let list) = node.value else {
            throw TextPosition(file: file, line: node.line)
                .error(.unexpectedValue("\(place) is \(node.kind)", expected: "an object"))
        }
        for member in list {
            if let earlier = members.updateValue(member, forKey: member.key) {
                throw TextPosition(file: file, line: member.line)
                    .error(.memberTwice(place: place, member: member.key, firstLine: earlier.line))
            }
        }
    }

    /// The value of a key, or nil.
    subscript(key: String) -> JSONNode? { members[key]?.value }

    /// The value of a key that must be there.
    func value(_ key: String) throws(SensitivityError) -> JSONNode {
        guard let member = members[key] else {
            throw TextPosition(file: file, line: line).error(.missingMember(place: place, member: key))
        }
        return member.value
    }

    /// The error that a value of the wrong kind is.
    func unexpected(_ node: JSONNode, member: String, expected: String) -> SensitivityError {
        TextPosition(file: file, line: node.line)
            .error(.unexpectedValue("'\(member)' of \(place) is \(node.kind)", expected: expected))
    }
}
