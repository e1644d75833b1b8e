import Testing

@testable import Text

@Suite struct JSONOutlineTests {
    private func outline(_ text: String) -> JSONOutline? { JSONOutline(Array(text.utf8)) }

    @Test("members are told apart, with the short strings of those that are objects")
    func members() throws {
        let long = String(repeating: "x", count: 300)
        let found = try #require(
            outline(
                #"{"a": {"name": "plan", "list": ["x", {"name": "y"}], "long": "\#(long)", "\#(long)": 1}, "b": [1, [2]], "c": null, "d": "e"}"#
            )
        )
        #expect(found["a"] == .object(["name": "plan"]))
        #expect(found["b"] == .array && found["c"] == .other && found["d"] == .other)
        #expect(found["e"] == nil)
        #expect(found.text("name", in: "a") == "plan")
        #expect(found.text("name", in: "b") == nil && found.text("x", in: "a") == nil)
        #expect(found.has(["a", "d"]) && !found.has(["a", "e"]) && found.has([]))
    }

    @Test(
        "what is no object, or not whole, has none",
        arguments: [
            "", "[]", "1", "{", #"{"a": 1"#, #"{"a": 1} x"#, #"{"a": 1, "a": 2}"#, #"{"a": {"b": [1,}}"#,
        ]
    )
    func none(text: String) { #expect(outline(text) == nil) }
}
