import Testing

@testable import Tensors

struct JSONParserTests {
    /// A value written down again without blanks, each object and array with its line.
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
            ("[]", "[]"), (" {} ", "{}"), ("0", "0"),
            ("[NaN,Infinity,-Infinity]", "[NaN,Infinity,-Infinity]"),
        ]
    )
    func values(text: String, expected: String) throws {
        let node = try JSONParser.parse(text)
        #expect(outline(node) == expected)
    }

    @Test("every escape of a string is read")
    func escapes() throws {
        let node = try JSONParser.parse(#""\"\\\/\b\f\n\r\té\u00e9\ud83d\ude42""#)
        guard case .string(let text) = node.value else {
            Issue.record("it is \(node.kind)")
            return
        }
        #expect(text == "\"\\/\u{8}\u{C}\n\r\téé🙂")
    }

    @Test(
        "a mistake has its line",
        arguments: [
            ("", 1, "unexpected end"), ("[1,\n2", 2, "unexpected end"), ("[1,]", 1, "unexpected \"]\""),
            ("{a:1}", 1, "unexpected \"a\""), ("{\"a\" 1}", 1, "unexpected \"1\""),
            ("{\"a\":1,}", 1, "unexpected \"}\""), ("[1 2]", 1, "unexpected \"2\""),
            ("[]\n\n[]", 3, "unexpected \"[\""),
            ("01", 1, "unexpected \"1\""), ("1.", 1, "unexpected end"), ("+1", 1, "unexpected \"+\""),
            (".5", 1, "unexpected \".\""), ("1e", 1, "unexpected end"), ("-", 1, "unexpected end"),
            ("nul", 1, "unexpected end"), ("\"a", 1, "unexpected end"), ("\"a\nb\"", 1, "unexpected \"\\n\""),
            ("\"\\x\"", 1, "unexpected \"x\""), ("\"\\u12g4\"", 1, "unexpected \"g\""),
            ("\"\\ud800\"", 1, "half a surrogate pair"), ("\"\\ud800\\u0041\"", 1, "half a surrogate pair"),
            ("\"\\udc00\"", 1, "half a surrogate pair"), ("\"\\", 1, "unexpected end"),
            ("'a'", 1, "unexpected \"\\'\""),
        ]
    )
    func mistakes(text: String, line: Int, problem: String) {
        #expect(throws: JSONParsingError(line: line, problem: problem)) { try JSONParser.parse(text) }
    }

    @Test("nesting is followed to its limit and not beyond")
    func depth() throws {
        let limit = JSONParser.maximumDepth
        let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        _ = try JSONParser.parse(deepest)
        #expect(throws: JSONParsingError(line: 1, problem: "more than 64 nested arrays and objects")) {
            try JSONParser.parse(String(repeating: "[", count: 1_000_000))
        }
        #expect(throws: JSONParsingError.self) {
            try JSONParser.parse(String(repeating: "{\"a\":", count: 1_000_000))
        }
    }

    @Test("values are counted, and too many are an error")
    func tooMany() throws {
        _ = try JSONParser.parse("[1, {\"a\": 2}]", valueLimit: 4)
        #expect(throws: JSONParsingError(line: 2, problem: "more than 3 values")) {
            try JSONParser.parse("[1,\n{\"a\": 2}]", valueLimit: 3)
        }
    }
}
