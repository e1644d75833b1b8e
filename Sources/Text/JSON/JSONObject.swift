/// An object of a document, in which no key stands twice.
package struct JSONObject: Sendable {
    /// The object's own place.
    package let place: JSONPlace
    /// The members in their order.
    package let members: [JSONNode.Member]
    /// Where each key stands, for objects with so many that they are not looked through one by one.
    private let positions: [String: Int]

    private static let smallCount = 12

    /// Takes a value as an object.
    ///
    /// - Throws: ``JSONError`` where it is none, and where a key stands in it twice.
    package init(_ place: JSONPlace) throws(JSONError) {
        guard case .object(let members) = place.node.value else { throw place.unexpected("an object") }
        var positions: [String: Int] = [:]
        if members.count > Self.smallCount {
            positions.reserveCapacity(members.count)
            for (index, member) in members.enumerated() {
                if let first = positions.updateValue(index, forKey: member.key) {
                    throw Self.twice(member, after: members[first], in: place)
                }
            }
        } else {
            for (index, member) in members.enumerated() {
                if let first = members[..<index].first(where: { $0.key == member.key }) {
                    throw Self.twice(member, after: first, in: place)
                }
            }
        }
        self.place = place
        self.members = members
        self.positions = positions
    }

    /// The value of a key, nil where it is not there.
    package subscript(key: String) -> JSONPlace? {
        member(key).map { JSONPlace($0.value, at: .member(of: place.path, key)) }
    }

    /// The line of a key, or of the object where it is not there.
    package func line(of key: String) -> Int {
        member(key)?.line ?? place.node.line
    }

    /// The value of a key that must be there.
    package func value(_ key: String) throws(JSONError) -> JSONPlace {
        guard let value = self[key] else {
            throw JSONError(
                line: place.node.line,
                problem: "\(place.path) has no \(key.quoted); add it"
            )
        }
        return value
    }

    /// The value of a key, nil where it is not there or null.
    package func optional(_ key: String) -> JSONPlace? {
        self[key].flatMap { $0.isNull ? nil : $0 }
    }

    /// Checks that no other keys are there than some.
    package func check(onlyKeys known: [String]) throws(JSONError) {
        for member in members where !known.contains(member.key) {
            throw JSONError(
                line: member.line,
                problem: "\(place.path) has the unknown key \(member.key.quoted); use "
                    + known.joined(separator: ", ")
            )
        }
    }

    private func member(_ key: String) -> JSONNode.Member? {
        members.count > Self.smallCount
            ? positions[key].map { members[$0] } : members.first { $0.key == key }
    }

    private static func twice(
        _ member: JSONNode.Member,
        after first: JSONNode.Member,
        in place: JSONPlace
    ) -> JSONError {
        JSONError(
            line: member.line,
            problem:
                "\(place.path) has \(member.key.quoted) twice, first on line \(first.line); delete one of the two"
        )
    }
}
