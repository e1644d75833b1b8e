import Testing

@testable import Text

@Suite("Values of a JSON document")
struct JSONPlaceTests {
    private let document = """
        {"name": "m", "count": 3, "share": 0.5, "whole": 1e3, "on": true, "none": null,
        "layers": [{"layer": "layer00.img", "bits": "x"}, {"layer": "a", "layer": "b"}], "tags": ["a", 2]}
        """

    private func object(_ text: String) throws -> JSONObject {
        try JSONPlace(try JSONTree.parse(text)).object()
    }

    @Test("values are had by their kinds")
    func kinds() throws {
        let object = try object(document)
        #expect(try object.value("name").string() == "m")
        #expect(try object.value("count").integer(0 ... .max) == 3)
        #expect(try object.value("whole").integer() == 1000)
        #expect(try object.value("share").number(from: 0) == 0.5)
        #expect(try object.value("on").boolean())
        #expect(object.optional("none") == nil && object.optional("nothing") == nil)
        #expect(try object.value("layers").elements().count == 2)
        #expect(object.line(of: "layers") == 2)
    }

    @Test(
        "an error says the line and the way to the value",
        arguments: [
            ("count", 1, "count is 3; give a string"),
            ("missing", 1, "the top level has no \"missing\"; add it"),
            ("layers", 2, "layers is an array; give a string"),
        ]
    )
    func wrongKinds(key: String, line: Int, problem: String) throws {
        let object = try object(document)
        #expect(throws: JSONError(line: line, problem: problem)) { try object.value(key).string() }
    }

    @Test("a way leads through objects and arrays")
    func ways() throws {
        let layers = try object(document).value("layers").elements()
        #expect(
            throws: JSONError(line: 2, problem: "layers[0].bits is \"x\"; give a whole number from 1 to 8")
        ) {
            try layers[0].object().value("bits").integer(1...8)
        }
        #expect(
            throws: JSONError(
                line: 2,
                problem: "layers[1] has \"layer\" twice, first on line 2; delete one of the two"
            )
        ) { try layers[1].object() }
        #expect(throws: JSONError(line: 2, problem: "tags[1] is 2; give a string")) {
            try object(document).value("tags").strings()
        }
        #expect(throws: JSONError(line: 1, problem: "the top level has the unknown key \"b\"; use a, c")) {
            try object("{\"a\": 1, \"b\": 2}").check(onlyKeys: ["a", "c"])
        }
    }

    @Test("a key that stands twice is found in an object of any size", arguments: [2, 12, 13, 1000])
    func repeatedKeys(count: Int) throws {
        let members = (0..<count).map { "\"k\($0)\": \($0)" }
        let object = try object("{\(members.joined(separator: ","))}")
        #expect(try object.value("k\(count - 1)").integer() == count - 1)
        #expect(
            throws: JSONError(
                line: 1,
                problem: #"the top level has "k1" twice, first on line 1; delete one of the two"#
            )
        ) {
            try self.object("{\((members + ["\"k1\": 0"]).joined(separator: ","))}")
        }
    }
}
