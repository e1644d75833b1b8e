import Foundation
import Tensors
import TestSupport
import Testing
import Text

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
        "what an inventory says does not depend on what else stands in it, and in which order",
        arguments: [
            #"{"model":"m","parameters":9,"tensors":[{"name":"b","shape":[2,3],"type":"Q8_0"},{"name":"a","shape":[3]}]}"#,
            #"{"tensors":[{"shape":[2,3],"type":"Q8_0","name":"b"},{"shape":[3],"name":"a"}],"model":"m"}"#,
            #"{"model":"m","parameters":null,"tensors":[{"name":"b","shape":[2,3],"type":"Q8_0"},{"name":"a","shape":[3],"type":null}]}"#,
            #"{"model":"\u006d","tensors":[{"name":"\u0062","shape":[2.0,3e0],"type":"q8_0"},{"n\u0061me":"a","shape":[3]}]}"#,
            #"{"model":"m","tensors":[{"name":"b","shape":[2,3],"type":"Q8_0","x":[1]},{"name":"a","shape":[3]}],"more":{}}"#,
        ]
    )
    func sameInventory(json: String) throws {
        let model = try read(json)
        #expect(model.name == "m" && model.parameters == 9)
        #expect(model.tensors.map(\.name) == ["b", "a"])
        #expect(model.tensors.map(\.shape) == [[2, 3], [3]])
        #expect(model.tensors.map(\.elementType) == [.q8_0, nil])
    }

    @Test(
        "malformed JSON is one sentence that says where and what",
        arguments: [
            ("", 1, "unexpected end at column 1"),
            ("{", 1, "unexpected end at column 2"),
            ("nonsense", 1, #"unexpected "o" at column 2"#),
            ("{\n \"mödel\": 01}", 2, #"unexpected "1" at column 12"#),
            ("{} {}", 1, #"unexpected "{" at column 4"#),
            (#"{"a": "\x"}"#, 1, #"unexpected "x" at column 9, in a"#),
            (#"{"a": "\u12g4"}"#, 1, #"unexpected "g" at column 12, in a"#),
            (#"{"a": [1, ]}"#, 1, #"unexpected "]" at column 11, in a[1]"#),
            ("{\"a\": \"\u{1}\"}", 1, #"unexpected "\u{1}" at column 8, in a"#),
            ("[]", 1, "the top level is an array; give an object"),
            ("{}", 1, #"the top level has no "model"; add it"#),
            (#"{"model": "m"}"#, 1, #"the top level has no "tensors"; add it"#),
            (#"{"model": 1, "tensors": []}"#, 1, "model is 1; give a string"),
            (#"{"model": null, "tensors": []}"#, 1, "model is null; give a string"),
            ("{\"model\": \"m\",\n\"tensors\": {}}", 2, "tensors is an object; give an array"),
            (#"{"model": "m", "tensors": [7]}"#, 1, "tensors[0] is 7; give an object"),
            (#"{"model": "m", "tensors": [{"shape": [1]}]}"#, 1, #"tensors[0] has no "name"; add it"#),
            (#"{"model": "m", "tensors": [{"name": "w"}]}"#, 1, #"tensors[0] has no "shape"; add it"#),
            (
                #"{"model": "m", "parameters": "9", "tensors": []}"#, 1,
                #"parameters is "9"; give a whole number"#
            ),
            (
                #"{"model": "m", "parameters": 1e30, "tensors": []}"#, 1,
                "parameters is 1e30; give a whole number"
            ),
            (
                #"{"model": "m", "model": "n", "tensors": [{"name": "w", "shape": [1]}]}"#, 1,
                #"the top level has "model" twice, first on line 1; delete one of the two"#
            ),
            (
                #"{"model": "m", "tensors": [{"name": "w", "shape": [1], "shape": [2]}]}"#, 1,
                #"tensors[0] has "shape" twice, first on line 1; delete one of the two"#
            ),
        ]
    )
    func malformed(json: String, line: Int, problem: String) {
        #expect(throws: CheckpointError.malformedJSON(source: "m.json", line: line, problem: problem)) {
            try read(json)
        }
    }

    @Test(
        "a dimension that is no whole number of 64 bits is an error that names its place",
        arguments: [
            "1.5", "1e30", "1e400", "99999999999999999999", "true", "\"3\"", "[3]", "null", "-1e30", "3e-1",
        ]
    )
    func impossibleNumber(number: String) {
        let shown = ["true": "true or false", "[3]": "an array"][number] ?? number
        #expect(
            sentence { try read(inventory(shape: "[4, \(number)]")) }
                == #""m.json" is no inventory: on line 1, tensors[0].shape[1] is \#(shown); give a whole number"#
        )
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
        let nested = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        for text in [
            String(repeating: bracket, count: 200_000), inventory(shape: nested),
            inventory(more: ", \"x\": \(nested)"),
        ] {
            let found = sentence { try read(text) }
            #expect(found?.contains("more than 64 nested arrays and objects at column ") == true)
        }
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
        let folder = try ScratchFolder()
        #expect(try InventoryReader.read(path: folder.write(inventory(), "m.json")) == read(inventory()))
    }

    @Test("a file that is not there is an error of its own")
    func missingFile() {
        for path in ["no/such/file.json", "", "a\0b"] {
            #expect(throws: CheckpointError.file(FileError(path: path, .missing))) {
                try InventoryReader.read(path: path)
            }
        }
    }

    @Test("a folder is said to be one")
    func folder() throws {
        let folder = try ScratchFolder()
        #expect(throws: CheckpointError.file(FileError(path: folder.url.path, .folder))) {
            try InventoryReader.read(path: folder.url.path)
        }
    }

    @Test("more bytes than an inventory may have are an error, also from a file without end")
    func tooLarge() {
        #expect(throws: CheckpointError.file(FileError(path: "m.json", .tooLarge(limit: 100_000_000)))) {
            try InventoryReader.read([UInt8](repeating: 0x20, count: 100_000_001), from: "m.json")
        }
        let endless = FileError(path: "/dev/zero", .streamTooLarge(limit: 100_000_000))
        #expect(throws: CheckpointError.file(endless)) {
            try InventoryReader.read(path: "/dev/zero")
        }
    }
}
