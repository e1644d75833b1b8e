import Foundation
import Tensors
import Testing

@testable import Checkpoints

struct InventoryReaderTests {
    private func read(_ json: String) throws(CheckpointError) -> Model {
        try InventoryReader.read(Array(json.utf8), from: "m.json")
    }

    /// An inventory of one tensor of these shape and other keys.
    private func inventory(shape: String = "[2, 3]", name: String = "w", more: String = "") -> String {
        #"{"model": "m", "tensors": [{"name": "\#(name)", "shape": \#(shape)\#(more)}]}"#
    }

    @Test("an inventory gives its tensors in order, with the types it states")
    func wholeInventory() throws {
        let model = try read(
            """
            {"model": "m", "parameters": 9, "more": {"of": ["anything"]}, "tensors": [
              {"name": "b", "shape": [2, 3], "type": "torch.bfloat16"}, {"name": "a", "shape": [3]}]}
            """
        )
        #expect(model.name == "m")
        #expect(model.parameters == 9)
        #expect(model.tensors.map(\.name) == ["b", "a"])
        #expect(model.tensors.map(\.shape) == [[2, 3], [3]])
        #expect(model.tensors.map(\.elementType) == [.bf16, nil])
    }

    @Test(
        "malformed JSON is one sentence that says where and what",
        arguments: [
            ("", "it is not JSON, unexpected end at line 1, column 1"),
            ("{", "it is not JSON, unexpected end at line 1, column 2"),
            ("nonsense", #"it is not JSON, unexpected "o" at line 1, column 2"#),
            ("{\n \"mödel\": 01}", #"it is not JSON, unexpected "1" at line 2, column 12"#),
            ("{} {}", #"it is not JSON, unexpected "{" at line 1, column 4"#),
            (#"{"a": "\x"}"#, #"it is not JSON, unexpected "x" at line 1, column 9"#),
            (#"{"a": "\u12g4"}"#, #"it is not JSON, unexpected "g" at line 1, column 12"#),
            (#"{"a": [1, ]}"#, #"it is not JSON, unexpected "]" at line 1, column 11"#),
            ("{\"a\": \"\u{1}\"}", #"it is not JSON, unexpected "\u{01}" at line 1, column 8"#),
            ("[]", "the whole is not an object"),
            ("{}", #"the whole has no "model""#),
            (#"{"model": "m"}"#, #"the whole has no "tensors""#),
            (#"{"model": 1, "tensors": []}"#, "model is not a string"),
            (#"{"model": null, "tensors": []}"#, "model is null instead of a string"),
            (#"{"model": "m", "tensors": {}}"#, "tensors is not an array"),
            (#"{"model": "m", "tensors": [7]}"#, "tensors[0] is not an object"),
            (#"{"model": "m", "tensors": [{"shape": [1]}]}"#, #"tensors[0] has no "name""#),
            (#"{"model": "m", "tensors": [{"name": "w"}]}"#, #"tensors[0] has no "shape""#),
            (#"{"model": "m", "parameters": "9", "tensors": []}"#, "parameters is not a whole number"),
            (#"{"model": "m", "parameters": 1e30, "tensors": []}"#, "parameters is not a whole number"),
        ]
    )
    func malformed(json: String, sentence: String) {
        let error = #expect(throws: CheckpointError.self) { try read(json) }
        guard case .malformedJSON(let source, let detail) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(source == "m.json")
        #expect(detail.hasPrefix(sentence), "\(detail)")
        #expect(!detail.hasSuffix("."))
        #expect(!detail.contains("\n"))
    }

    @Test(
        "a dimension that is no whole number of 64 bits is an error that names its place",
        arguments: [
            "1.5", "1e30", "1e400", "99999999999999999999", "true", "\"3\"", "[3]", "null", "-1e30", "3e-1",
        ]
    )
    func impossibleNumber(number: String) {
        let error = #expect(throws: CheckpointError.self) { try read(inventory(shape: "[4, \(number)]")) }
        #expect(error?.description.contains("tensors[0].shape[1] is") == true, "\(String(describing: error))")
    }

    @Test("dimensions below one and products beyond the limit are errors of the tensor")
    func impossibleTensors() {
        #expect(
            throws: CheckpointError.invalidTensor(
                source: "m.json",
                .dimensionTooSmall(tensor: "w", index: 0, size: -3)
            )
        ) { try read(inventory(shape: "[-3, 2]")) }
        #expect(
            throws: CheckpointError.invalidTensor(
                source: "m.json",
                .dimensionTooSmall(tensor: "w", index: 1, size: 0)
            )
        ) { try read(inventory(shape: "[3, 0]")) }
        #expect(throws: CheckpointError.invalidTensor(source: "m.json", .tooManyElements(tensor: "w"))) {
            try read(inventory(shape: "[9223372036854775807, 9223372036854775807]"))
        }
        #expect(throws: CheckpointError.invalidTensor(source: "m.json", .emptyShape(tensor: "w"))) {
            try read(inventory(shape: "[]"))
        }
        #expect(throws: CheckpointError.invalidTensor(source: "m.json", .emptyName)) {
            try read(inventory(name: ""))
        }
    }

    @Test("deeply nested JSON is an error, not a crash", arguments: ["[", "{\"a\":"])
    func deepNesting(bracket: String) {
        #expect(throws: CheckpointError.self) { try read(String(repeating: bracket, count: 200_000)) }
        let nested = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: CheckpointError.self) { try read(inventory(shape: nested)) }
        #expect(throws: CheckpointError.self) { try read(inventory(more: ", \"x\": \(nested)")) }
    }

    @Test("the finder of mistakes finds none in JSON")
    func correctJSON() throws {
        let json = #" [{"a\u00e4\n": [1, -2.5e+3, 0, 1E-7, 0.5], "": {}}, [], true, false, null, "ü"] "#
        #expect(JSONSyntax.firstMistake(in: Array(json.utf8)) == nil)
    }

    @Test("nesting beyond the limit is said to be that")
    func depth() {
        let nested = String(repeating: "[", count: 513)
        #expect(
            JSONSyntax.firstMistake(in: Array(nested.utf8))
                == "more than 500 nested arrays and objects at line 1, column 501"
        )
    }

    @Test("eight dimensions are read and nine are too many")
    func dimensions() throws {
        #expect(try read(inventory(shape: "[1,1,1,1,1,1,1,2]")).parameters == 2)
        #expect(
            throws: CheckpointError.tooManyDimensions(source: "m.json", tensor: "w", count: 9, limit: 8)
        ) { try read(inventory(shape: "[1,1,1,1,1,1,1,1,2]")) }
    }

    @Test("a name of 1,024 bytes is read and a longer one is not")
    func nameLengths() throws {
        let longest = String(repeating: "n", count: 1_024)
        #expect(try read(inventory(name: longest)).tensors.first?.name == longest)
        #expect(throws: CheckpointError.nameTooLong(source: "m.json", name: longest + "n", limit: 1_024)) {
            try read(inventory(name: longest + "n"))
        }
        #expect(throws: CheckpointError.nameTooLong(source: "m.json", name: longest + "n", limit: 1_024)) {
            try read(#"{"model": "\#(longest)n", "tensors": []}"#)
        }
    }

    @Test("a model without a name, without tensors or with a name twice is an error")
    func emptyAndDouble() {
        #expect(throws: CheckpointError.emptyModelName(source: "m.json")) {
            try read(#"{"model": "", "tensors": []}"#)
        }
        #expect(throws: CheckpointError.noTensors(model: "m")) { try read(#"{"model": "m", "tensors": []}"#) }
        #expect(throws: CheckpointError.duplicateTensor("w", model: "m")) {
            try read(
                #"{"model": "m", "tensors": [{"name": "w", "shape": [1]}, {"name": "w", "shape": [2]}]}"#
            )
        }
    }

    @Test(
        "a key that stands twice is an error that says where, though the decoder would take one",
        arguments: [
            (
                #"{"model": "m", "model": "n", "tensors": [{"name": "w", "shape": [1]}]}"#, 15, "the whole",
                "model"
            ),
            (
                #"{"model": "m", "tensors": [{"name": "w", "shape": [1], "shape": [2]}]}"#, 55, "tensors[0]",
                "shape"
            ),
        ]
    )
    func duplicateMember(json: String, offset: Int, place: String, member: String) {
        let defect = FileDefect.duplicateMember(of: place, member: member)
        #expect(throws: CheckpointError.malformedFile(path: "m.json", offset: offset, defect)) {
            try read(json)
        }
    }

    @Test("more than 2^56 parameters in all are an error")
    func tooManyParameters() {
        #expect(throws: CheckpointError.tooManyParameters(model: "m")) {
            try read(
                #"{"model": "m", "tensors": [{"name": "a", "shape": [72057594037927936]}, {"name": "b", "shape": [1]}]}"#
            )
        }
    }

    @Test("an unknown type is an error that names it")
    func unknownType() {
        #expect(
            throws: CheckpointError.unknownFormat(source: "m.json", tensor: "w", format: "Q9_Z")
        ) { try read(inventory(more: #", "type": "Q9_Z""#)) }
    }

    @Test("parameters that disagree with the tensors are an error that gives both numbers")
    func disagreement() {
        #expect(throws: CheckpointError.parametersDisagree(source: "m.json", stated: 7, counted: 6)) {
            try read(#"{"model": "m", "parameters": 7, "tensors": [{"name": "w", "shape": [2, 3]}]}"#)
        }
    }

    @Test("a file is read as its bytes are")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
        try Data(inventory().utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        #expect(try InventoryReader.read(path: path.path(percentEncoded: false)) == read(inventory()))
    }

    @Test("a file that is not there is an error of its own")
    func missingFile() {
        for path in ["no/such/file.json", "", "a\0b"] {
            #expect(throws: CheckpointError.noSuchFile(path: path)) { try InventoryReader.read(path: path) }
        }
    }

    @Test("a folder cannot be read, and the system's reason is given")
    func folder() {
        let path = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        let error = #expect(throws: CheckpointError.self) { try InventoryReader.read(path: path) }
        guard case .unreadableFile(path, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason == "Is a directory")
    }

    @Test("more bytes than an inventory may have are an error, also from a file without end")
    func tooLarge() {
        #expect(throws: CheckpointError.fileTooLarge(path: "m.json", limit: 100_000_000)) {
            try InventoryReader.read([UInt8](repeating: 0x20, count: 100_000_001), from: "m.json")
        }
        #expect(throws: CheckpointError.fileTooLarge(path: "/dev/zero", limit: 100_000_000)) {
            try InventoryReader.read(path: "/dev/zero")
        }
    }
}
