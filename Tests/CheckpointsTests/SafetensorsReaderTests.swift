import Tensors
import TestSupport
import Text
import Testing

@testable import Checkpoints

struct SafetensorsReaderTests {
    private func bytes(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
        let header = Array(header.utf8)
        return GGUFBytes.number(length ?? UInt64(header.count)) + header + [UInt8](repeating: 0, count: data)
    }

    private func read(_ bytes: [UInt8], byteCount: Int? = nil) throws(CheckpointError) -> Model {
        try Model.safetensors(ByteSource(bytes: bytes, path: "m.safetensors", byteCount: byteCount))
    }

    private func tensor(_ type: String = "I8", _ shape: String = "[4]", _ offsets: String = "[0,4]") -> String
    {
        #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
    }

    private func expect(
        _ expected: FileDefect,
        at offset: Int,
        in bytes: [UInt8],
        location: SourceLocation = #_sourceLocation
    ) {
        let found = defect { () throws(CheckpointError) in _ = try read(bytes) }
        #expect(found?.0 == expected, sourceLocation: location)
        #expect(found?.offset == offset, sourceLocation: location)
    }

    @Test("a file gives its tensors in the order of their data, its metadata, and where the data are")
    func wholeFile() throws {
        let header = """
            {"b": \(tensor("F32", "[]", "[12,16]")), "__metadata__": {"format": "pt", "modelspec.architecture": "flux"},
             "a": \(tensor("BF16", "[2, 3]", "[0, 12]")), "none": \(tensor("F16", "[0,7]", "[16,16]"))}\u{20}\u{20}
            """
        let model = try read(bytes(header, data: 16))
        let start = 8 + header.utf8.count
        #expect(model.name == "m")
        #expect(model.kind == .safetensors)
        #expect(model.architecture == "flux")
        #expect(model.tensors.map(\.name) == ["a", "b"])
        #expect(model.tensors.map(\.shape) == [[2, 3], [1]])
        #expect(model.tensors.map(\.elementType) == [.bf16, .f32])
        #expect(model.locations.map(\.offset) == [start, start + 12])
        #expect(model.locations.map(\.byteCount) == [12, 4])
        #expect(model.emptyTensors == ["none"])
        #expect(model.metadata.map(\.key) == ["format", "modelspec.architecture"])
        #expect(model.fileByteCount == start + 16)
        #expect(model.files.map(\.headerByteCount) == [start])
    }

    @Test(
        "every element type has its exact size",
        arguments: [
            ("F64", 64), ("F32", 32), ("F16", 16), ("BF16", 16), ("F8_E4M3", 8), ("F8_E5M2", 8), ("I64", 64),
            ("I32", 32), ("I16", 16), ("I8", 8), ("U8", 8), ("BOOL", 8), ("U16", 16), ("U32", 32),
            ("U64", 64),
            ("C64", 64), ("F8_E8M0", 8), ("F8_E4M3FNUZ", 8), ("F8_E5M2FNUZ", 8), ("F6_E2M3", 6),
            ("F6_E3M2", 6),
            ("F4", 4),
        ]
    )
    func elementTypes(name: String, byteCount: Int) throws {
        let header = #"{"a":\#(tensor(name, "[8]", "[0,\(byteCount)]"))}"#
        let model = try read(bytes(header, data: byteCount))
        let type = try #require(model.tensors.first?.elementType)
        #expect(model.locations.first?.byteCount == byteCount)
        #expect(QuantizationFormat(named: type.name) == type)
    }

    @Test("only the header has to be there")
    func headerOnly() throws {
        let header = #"{"a":\#(tensor("BF16", "[131072,131072]", "[0,34359738368]"))}"#
        let model = try read(bytes(header), byteCount: 8 + header.utf8.count + 1 << 35)
        #expect(model.parameters == 1 << 34)
    }

    @Test("names are read with their escapes")
    func escapes() throws {
        let header = #"{"\u00e4\n\ud83d\ude00\/\"\\":\#(tensor())}"#
        #expect(try read(bytes(header, data: 4)).tensors.first?.name == "ä\n😀/\"\\")
    }

    @Test("members that are not known are passed over")
    func unknownMembers() throws {
        let header = #"{"a":{"dtype":"I8","x":[1.5e-3,-0,{"y":null}],"shape":[4],"data_offsets":[0,4]}}"#
        #expect(try read(bytes(header, data: 4)).parameters == 4)
    }

    @Test("a file cut off anywhere is an error, and never a crash")
    func truncated() {
        let whole = bytes(#"{"a":\#(tensor())}"#, data: 4)
        for count in whole.indices {
            expectCutOff(after: count) { try read(Array(whole.prefix(count))) }
        }
    }

    @Test("a file that ends early says by how many bytes")
    func endsEarly() {
        let whole = bytes(#"{"a":\#(tensor())}"#, data: 4)
        let header = whole.count - 4
        expect(
            .headerEndsEarly(reading: "the header's length", missing: 5),
            at: 0,
            in: Array(whole.prefix(3))
        )
        expect(
            .headerEndsEarly(reading: "the header", missing: UInt64(header - 20)),
            at: 20,
            in: Array(whole.prefix(20))
        )
        expect(.dataEndEarly(tensor: "a", missing: 3), at: header + 1, in: Array(whole.prefix(header + 1)))
        expect(.trailingBytes(count: 2), at: header + 4, in: whole + [0, 0])
    }

    @Test("impossible lengths of the header are errors")
    func headerLengths() {
        let header = #"{"a":\#(tensor())}"#
        for length in [100_000_001, UInt64.max, 1 << 63] {
            expect(.headerTooLong(limit: 100_000_000), at: 0, in: bytes(header, length: length))
        }
        for length in [0, 1] as [UInt64] {
            expect(.headerTooShort(length: length), at: 0, in: bytes("{", length: length))
        }
    }

    @Test("whatever stands twice is an error")
    func duplicates() {
        let other = tensor("I8", "[4]", "[4,8]")
        expect(.duplicateTensor("a"), at: 61, in: bytes(#"{"a":\#(tensor()),"a":\#(other)}"#, data: 8))
        expect(
            .json(.nameTwice(of: "tensor \"a\"", name: "shape")),
            at: 39,
            in: bytes(#"{"a":{"dtype":"I8","shape":[4],"shape":[4],"data_offsets":[0,4]}}"#, data: 4)
        )
        expect(.duplicateKey("k"), at: 33, in: bytes(#"{"__metadata__":{"k":"1","k":"2"}}"#))
        expect(
            .json(.nameTwice(of: "the header", name: "__metadata__")),
            at: 27,
            in: bytes(#"{"__metadata__":{},"__metadata__":{}}"#)
        )
    }

    @Test("data that overlap or leave a hole are errors that name the tensor")
    func layout() {
        let overlap = bytes(#"{"a":\#(tensor()),"b":\#(tensor("I8", "[4]", "[2,6]"))}"#, data: 6)
        expect(.overlap(tensor: "b", other: "a", byteCount: 2), at: overlap.count - 4, in: overlap)
        let hole = bytes(#"{"a":\#(tensor()),"b":\#(tensor("I8", "[4]", "[6,10]"))}"#, data: 10)
        expect(.hole(tensor: "b", byteCount: 2), at: hole.count - 6, in: hole)
        let first = bytes(#"{"a":\#(tensor("I8", "[4]", "[2,6]"))}"#, data: 6)
        expect(.hole(tensor: "a", byteCount: 2), at: first.count - 6, in: first)
    }

    @Test(
        "offsets that do not fit the tensor are errors that name it",
        arguments: [
            (
                #"{"dtype":"I8","shape":[4],"data_offsets":[4,0]}"#,
                FileDefect.reversedOffsets(tensor: "a", begin: 4, end: 0)
            ),
            (
                #"{"dtype":"F32","shape":[4],"data_offsets":[0,4]}"#,
                .wrongByteCount(tensor: "a", stated: 4, exact: 16)
            ),
            (
                #"{"dtype":"I8","shape":[4],"data_offsets":[1,18446744073709551615]}"#,
                .wrongByteCount(tensor: "a", stated: .max - 1, exact: 4)
            ),
            (
                #"{"dtype":"I8","shape":[0],"data_offsets":[0,4]}"#,
                .wrongByteCount(tensor: "a", stated: 4, exact: 0)
            ),
            (
                #"{"shape":[4],"data_offsets":[0,4]}"#,
                .json(.missingMember(of: "tensor \"a\"", member: "dtype"))
            ),
            (
                #"{"dtype":"I8","data_offsets":[0,4]}"#,
                .json(.missingMember(of: "tensor \"a\"", member: "shape"))
            ),
            (
                #"{"dtype":"I8","shape":[4]}"#,
                .json(.missingMember(of: "tensor \"a\"", member: "data_offsets"))
            ),
            (
                #"{"dtype":"F4","shape":[3],"data_offsets":[0,1]}"#,
                .rowNotWholeBlocks(tensor: "a", format: "F4", blockElements: 2, rowLength: 3)
            ),
            (
                #"{"dtype":"I8","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}"#,
                .impossibleTensor(.tooManyElements(tensor: "a"))
            ),
            (
                #"{"dtype":"I8","shape":[18446744073709551615],"data_offsets":[0,4]}"#,
                .impossibleTensor(.tooManyElements(tensor: "a"))
            ),
        ]
    )
    func tensors(entry: String, expected: FileDefect) {
        expect(expected, at: 9, in: bytes(#"{"a":\#(entry)}"#, data: 4))
    }

    @Test(
        "a dimension that is no whole number of 64 bits is an error that names its place",
        arguments: ["-1", "1.5", "1e3", "18446744073709551616", "-0"]
    )
    func dimensions(number: String) {
        let defect = FileDefect.json(.notWholeNumber(of: "shape[1] of tensor \"a\"", found: number))
        expect(defect, at: 38, in: bytes(#"{"a":\#(tensor("I8", "[4,\(number)]"))}"#, data: 4))
    }

    @Test("nine dimensions, and other than two offsets, are errors")
    func counts() {
        let nine = bytes(#"{"a":\#(tensor("I8", "[1,1,1,1,1,1,1,1,1]"))}"#, data: 4)
        expect(.tooManyDimensions(tensor: "a", count: 9, limit: 8), at: 52, in: nine)
        for offsets in ["[]", "[0]", "[0,4,4]"] {
            let what = "data_offsets of tensor \"a\""
            let defect = FileDefect.json(
                .unexpectedValue(of: what, expected: "an array of two whole numbers")
            )
            expect(defect, at: 54, in: bytes(#"{"a":\#(tensor("I8", "[4]", offsets))}"#, data: 4))
        }
    }

    @Test("an unknown element type is an error that names it")
    func unknownType() {
        expect(
            .unknownElementType(tensor: "a", type: "F7"),
            at: 22,
            in: bytes(#"{"a":\#(tensor("F7"))}"#, data: 4)
        )
    }

    @Test(
        "values of another kind are errors that name their place",
        arguments: [
            ("[]", 8, FileDefect.json(.unexpectedValue(of: "the header", expected: "an object"))),
            (#"{"a":7}"#, 13, .json(.unexpectedValue(of: "tensor \"a\"", expected: "an object"))),
            (
                #"{"__metadata__":null}"#, 24,
                .json(.unexpectedValue(of: "__metadata__", expected: "an object"))
            ),
            (
                #"{"__metadata__":{"k":1}}"#, 29,
                .json(.unexpectedValue(of: "the metadata \"k\"", expected: "a string"))
            ),
            (
                #"{"a":{"dtype":8}}"#, 22,
                .json(.unexpectedValue(of: "dtype of tensor \"a\"", expected: "a string"))
            ),
            (
                #"{"a":{"shape":4}}"#, 22,
                .json(.unexpectedValue(of: "shape of tensor \"a\"", expected: "an array"))
            ),
            (
                #"{"a":{"shape":["4"]}}"#, 23,
                .json(.unexpectedValue(of: "shape[0] of tensor \"a\"", expected: "a whole number"))
            ),
        ]
    )
    func kinds(header: String, offset: Int, expected: FileDefect) {
        expect(expected, at: offset, in: bytes(header))
    }

    @Test(
        "what is not JSON is an error that says where",
        arguments: [
            (#"{"a" 1}"#, 13, "\"1\""), ("{} {}", 11, "\"{\""), (#"{"__metadata__":{},}"#, 27, "\"}\""),
            (#"{"a"#, 11, "its end"),
            ("{\"a\u{1}\":1}", 11, "\"\\u{1}\""), (#"{"a\x":1}"#, 12, "\"x\""),
            (#"{"a\u12g4":1}"#, 15, "\"g\""),
            (#"{"a":{"x":01}}"#, 19, "\"1\""), (#"{"a":{"x":tru}}"#, 21, "\"}\""),
            (#"{"a":{"x":1.}}"#, 20, "\"}\""),
        ]
    )
    func syntax(header: String, offset: Int, found: String) {
        expect(.json(.notJSON(found: found)), at: offset, in: bytes(header))
    }

    @Test("names that are empty, too long or no UTF-8 are errors")
    func names() {
        expect(.emptyTensorName, at: 9, in: bytes(#"{"":\#(tensor())}"#, data: 4))
        let name = String(repeating: "n", count: 1_025)
        expect(
            .nameTooLong(of: "a name in the JSON", byteCount: 1_025, limit: 1_024),
            at: 9,
            in: bytes(#"{"\#(name)":\#(tensor())}"#, data: 4)
        )
        expect(
            .notUTF8(of: "a name in the JSON"),
            at: 9,
            in: GGUFBytes.number(UInt64(8)) + Array("{\"".utf8) + [0xFF] + Array("\":{}}".utf8)
        )
        let surrogate = #"{"\ud800":1}"#
        expect(.notUTF8(of: "an escaped character in the JSON"), at: 10, in: bytes(surrogate))
    }

    @Test("deeply nested JSON is an error, not a crash", arguments: ["[", "{\"a\":"])
    func deepNesting(bracket: String) {
        let nested = bytes(#"{"a":{"x":"# + String(repeating: bracket, count: 100_000))
        let found = defect { () throws(CheckpointError) in _ = try read(nested) }
        #expect(found?.0 == .json(.tooDeep(limit: 64)))
    }

    @Test("a long text of the metadata is left out")
    func longText() throws {
        let text = String(repeating: "x", count: 1 << 20 + 1)
        let model = try read(bytes(#"{"__metadata__":{"k":"\#(text)"},"a":\#(tensor())}"#, data: 4))
        #expect(model.metadataValue(for: "k") == .omitted(.string, byteCount: 8 + 1 << 20 + 1))
    }

    @Test("a file without tensors is no model")
    func noTensors() {
        #expect(throws: CheckpointError.noTensors(model: "m")) { try read(bytes("{}")) }
    }

    @Test("more than 2^56 parameters in all are an error")
    func tooManyParameters() {
        let one = tensor("I8", "[72057594037927936]", "[0,72057594037927936]")
        let header = #"{"a":\#(one),"b":\#(tensor("I8", "[1]", "[72057594037927936,72057594037927937]"))}"#
        #expect(throws: CheckpointError.tooManyParameters(model: "m.safetensors")) { try read(bytes(header)) }
    }
}
