import Testing

@testable import Text

@Suite struct JSONFormTests {
    private enum Color: String, CaseIterable { case red, green }

    private struct Thing: Equatable {
        var name: String
        var count: Int
        var color: Color
        var note: String?
        var parts: [Double]
    }

    private static let form: JSONForm<Thing> = .object(
        JSONField("name", .name) { $0.name },
        JSONField("count", .count, whereAbsent: 1) { $0.count },
        JSONField("color", .word) { $0.color },
        JSONField(optional: "note", .text) { $0.note },
        JSONField("parts", .array(of: .figure, least: 1)) { $0.parts }
    ) { Thing(name: $0, count: $1, color: $2, note: $3, parts: $4) }

    private func read(_ text: String) throws -> Thing {
        try Self.form.read(JSONPlace(try JSONTree.parse(text)))
    }

    @Test("what is written is read again, in the order of the fields", arguments: [nil, "", "why"])
    func roundTrip(note: String?) throws {
        let thing = Thing(name: "a", count: 2, color: .green, note: note, parts: [0, 0.5])
        let text = try Self.form.write(thing).text()
        #expect(try read(text) == thing)
        let start = #"{"name": "a", "count": 2, "color": "green", "#
        #expect(text == start + (note.map { #""note": "\#($0)", "# } ?? "") + #""parts": [0, 0.5]}"# + "\n")
    }

    @Test("a member that may be absent has its value, and one that is not known is passed over")
    func absentAndUnknown() throws {
        let thing = try read(#"{"later": {"a": [1]}, "name": "a", "color": "red", "parts": [1]}"#)
        #expect(thing == Thing(name: "a", count: 1, color: .red, note: nil, parts: [1]))
    }

    @Test(
        "what is not as described is refused with the way to it",
        arguments: [
            (#"{"color": "red", "parts": [1]}"#, #"has no "name""#),
            (#"{"name": "", "color": "red", "parts": [1]}"#, "name is empty"),
            (#"{"name": "a", "color": "blue", "parts": [1]}"#, #"color is "blue"; give one of red, green"#),
            (#"{"name": "a", "color": "red", "parts": []}"#, "parts has 0 elements"),
            (#"{"name": "a", "color": "red", "parts": [1, -1]}"#, "parts[1] is -1"),
            (#"{"name": "a", "color": "red", "parts": [1], "count": 1.5}"#, "count is 1.5"),
            ("[]", "is an array"),
        ]
    )
    func refuses(text: String, problem: String) {
        let error = #expect(throws: JSONError.self) { try read(text) }
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    }
}
