import Testing

@testable import Text

@Suite("A JSON cursor")
struct JSONCursorTests {
    private func cursor(_ text: String) throws -> JSONCursor {
        try JSONCursor(wholeOf: ByteSource(bytes: Array(text.utf8), path: "t.json"))
    }

    @Test("members and elements come one after the other, with the bytes they stand at")
    func walk() throws {
        var cursor = try cursor("\u{FEFF}{\"a\": [1, 20], \"b\": {}, \"a\": \"x\"}")
        try cursor.enterObject("the whole")
        var seen: [String] = []
        while let (name, offset, _) = try cursor.nextMember() {
            seen.append("\(name)@\(offset)")
            if seen.count == 1 {
                try cursor.enterArray("a")
                while try cursor.nextElement() { seen.append("\(try cursor.wholeNumber("a number"))") }
            } else {
                try cursor.skipValue()
            }
        }
        try cursor.finish()
        #expect(seen == ["a@4", "1", "20", "b@18", "a@27"])
    }

    @Test(
        "a value of another kind than was asked for is a defect at its place",
        arguments: [
            ("[1]", JSONProblem.unexpectedValue(of: "the whole", expected: "an object"), 0),
            ("{\"a\": \"x\"}", .unexpectedValue(of: "a", expected: "a whole number"), 6),
            ("{\"a\": 1.5}", .notWholeNumber(of: "a", found: "1.5"), 6),
            ("{\"a\": 18446744073709551616}", .notWholeNumber(of: "a", found: "18446744073709551616"), 6),
            ("{\"a\": -1}", .notWholeNumber(of: "a", found: "-1"), 6),
            ("{\"a\" 1}", .notJSON(found: "\"1\""), 5),
            ("{\"a\": 1", .notJSON(found: "its end"), 7),
            ("{\"a\": 1} 2", .notJSON(found: "\"2\""), 9),
        ]
    )
    func defects(text: String, problem: JSONProblem, offset: Int) throws {
        var cursor = try cursor(text)
        #expect(throws: JSONDefect.text(problem, offset: offset)) {
            try cursor.enterObject("the whole")
            while try cursor.nextMember() != nil { _ = try cursor.wholeNumber("a") }
            try cursor.finish()
        }
    }

    @Test("a string beyond its limit is measured and not kept")
    func limits() throws {
        var strings = try cursor("[\"abcd\", \"\\u00e9bc\", \"\(String(repeating: "x", count: 200_000))\"]")
        try strings.enterArray("")
        var lengths: [String] = []
        while try strings.nextElement() {
            let (text, byteCount) = try strings.string("a string", limit: 4)
            lengths.append("\(text ?? "nothing") \(byteCount)")
        }
        #expect(lengths == ["abcd 4", "ébc 4", "nothing 200000"])
    }
}
