import Testing

@testable import Text

@Suite("A JSON tree")
struct JSONTreeTests {
    /// A value written down again without blanks, each key with its line.
    private func outline(_ node: JSONNode) -> String {
        switch node.value {
        case .object(let members):
            "{" + members.map { "\($0.key)@\($0.line):\(outline($0.value))" }.joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(outline).joined(separator: ",") + "]"
        case .string(let text): text.debugDescription
        case .number(let text): text
        case .boolean(let value): "\(value)"
        case .null: "null"
        }
    }

    @Test(
        "values keep their order, their lines, their digits and their repeated keys",
        arguments: [
            (
                "{\"b\": 1,\n\"a\": [true, false, null],\r\n \"b\": -0.50e+3}",
                "{b@1:1,a@2:[true,false,null],b@3:-0.50e+3}"
            ),
            ("[]", "[]"), (" {} ", "{}"), ("0", "0"), ("[[],{},[{}]]", "[[],{},[{}]]"),
            ("[NaN,Infinity,-Infinity]", "[NaN,Infinity,-Infinity]"),
            ("\u{FEFF}[1]", "[1]"),
            ("[\(String(repeating: "9", count: 50))]", "[\(String(repeating: "9", count: 50))]"),
        ]
    )
    func values(text: String, expected: String) throws {
        #expect(outline(try JSONTree.parse(text)) == expected)
    }

    @Test("a member knows its bytes, from its key to the end of its value", arguments: ["", "\u{FEFF}"])
    func extents(mark: String) throws {
        let members = ["\"a\" : \"x, }\"", "\"\\u0062\":\n{\"c\": [1, 2]}", "\"d\": -1e5", "\"é\":NaN"]
        let text = mark + "{ " + members.joined(separator: " ,\r\n") + "\n}"
        guard case .object(let found) = try JSONTree.parse(text).value else {
            Issue.record("no object")
            return
        }
        let bytes = Array(text.utf8)
        #expect(found.map { String(decoding: bytes[$0.extent], as: UTF8.self) } == members)
    }

    @Test("every escape of a string is read")
    func escapes() throws {
        let node = try JSONTree.parse(#""\"\\\/\b\f\n\r\té\u00e9\ud83d\ude42""#)
        #expect(node.value == .string("\"\\/\u{8}\u{C}\n\r\téé🙂"))
    }

    @Test("a text beyond a window of memory is read like any other", arguments: [65_530, 65_536, 131_073])
    func longTexts(count: Int) throws {
        let long = String(repeating: "é", count: count / 2)
        let node = try JSONTree.parse("[\"\(long)\", \"\\n\(long)\", 12345678901234567890]")
        #expect(
            node.value
                == .array([
                    JSONNode(line: 1, value: .string(long)), JSONNode(line: 1, value: .string("\n" + long)),
                    JSONNode(line: 1, value: .number("12345678901234567890")),
                ])
        )
    }

    @Test(
        "a mistake has its line, its column and the way to it",
        arguments: [
            ("", 1, "unexpected end at column 1"), ("[1,\n2", 2, "unexpected end at column 2"),
            ("[1,]", 1, "unexpected \"]\" at column 4, in [1]"),
            ("{a:1}", 1, "unexpected \"a\" at column 2"),
            ("{\"a\" 1}", 1, "unexpected \"1\" at column 6"),
            ("{\"a\":1,}", 1, "unexpected \"}\" at column 8"),
            ("[1 2]", 1, "unexpected \"2\" at column 4"),
            ("[]\n\n[]", 3, "unexpected \"[\" at column 1"),
            ("01", 1, "unexpected \"1\" at column 2"), ("1.", 1, "unexpected end at column 3"),
            ("+1", 1, "unexpected \"+\" at column 1"), (".5", 1, "unexpected \".\" at column 1"),
            ("1e", 1, "unexpected end at column 3"), ("-", 1, "unexpected end at column 2"),
            ("nul", 1, "unexpected end at column 4"), ("\"a", 1, "unexpected end at column 3"),
            ("\"a\nb\"", 1, "unexpected \"\\n\" at column 3"), ("\"\\x\"", 1, "unexpected \"x\" at column 3"),
            ("\"\\u12g4\"", 1, "unexpected \"g\" at column 6"),
            ("\"\\ud800\"", 1, "half a surrogate pair at column 2"),
            ("\"\\ud800\\u0041\"", 1, "half a surrogate pair at column 2"),
            ("\"\\udc00\"", 1, "half a surrogate pair at column 2"),
            ("\"\\", 1, "unexpected end at column 3"), ("'a'", 1, "unexpected \"'\" at column 1"),
            ("[é]", 1, "unexpected \"é\" at column 2, in [0]"),
            ("[\"é\", é]", 1, "unexpected \"é\" at column 7, in [1]"),
            (
                "{\"layers\": [{\"name\": 1}, {\"im.pact\": [0, x]}]}", 1,
                "unexpected \"x\" at column 42, in layers[1][\"im.pact\"][1]"
            ),
        ]
    )
    func mistakes(text: String, line: Int, problem: String) {
        #expect(throws: JSONError(line: line, problem: problem)) { try JSONTree.parse(text) }
    }

    @Test("nesting is followed to its limit and not beyond")
    func depth() throws {
        let limit = JSONCursor.depthLimit
        _ = try JSONTree.parse(String(repeating: "[", count: limit) + String(repeating: "]", count: limit))
        for opening in ["[", "{\"a\":"] {
            let error = #expect(throws: JSONError.self) {
                try JSONTree.parse(String(repeating: opening, count: 1_000_000))
            }
            #expect(error?.problem.hasPrefix("more than 64 nested arrays and objects at column ") == true)
        }
    }

    @Test("values are counted, and too many are an error")
    func tooMany() throws {
        _ = try JSONTree.parse("[1, {\"a\": 2}]", valueLimit: 4)
        #expect(throws: JSONError(line: 2, problem: "more than 3 values at column 7, in [1].a")) {
            try JSONTree.parse("[1,\n{\"a\": 2}]", valueLimit: 3)
        }
    }

    @Test("what is written is read back", arguments: 0..<30)
    func roundTrip(seed: Int) throws {
        let value = JSONValue.random(seed: seed)
        #expect(JSONValue(try JSONTree.parse(try value.text())) == value)
        #expect(JSONValue(try JSONTree.parse(try value.line())) == value)
    }
}

extension JSONValue {
    /// The value that a tree is, numbers without a fraction being integers.
    fileprivate init(_ node: JSONNode) {
        switch node.value {
        case .object(let members):
            self = .object(members.map { Member(key: $0.key, value: JSONValue($0.value)) })
        case .array(let elements): self = .array(elements.map { JSONValue($0) })
        case .string(let text): self = .string(text)
        case .number(let text): self = Int(text).map { .integer($0) } ?? .number(Double(text) ?? .nan)
        case .boolean(let boolean): self = .boolean(boolean)
        case .null: self = .null
        }
    }
}
