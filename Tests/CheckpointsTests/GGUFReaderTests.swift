import Tensors
import TestSupport
import Text
import Testing

@testable import Checkpoints

struct GGUFReaderTests {
    private func read(_ file: GGUFBytes, byteCount: Int? = nil) throws(CheckpointError) -> Model {
        try read(file.bytes, byteCount: byteCount)
    }

    private func read(_ bytes: [UInt8], byteCount: Int? = nil) throws(CheckpointError) -> Model {
        try Model.gguf(ByteSource(bytes: bytes, path: "m.gguf", byteCount: byteCount))
    }

    private func expect(
        _ expected: FileDefect,
        at offset: Int,
        in file: GGUFBytes,
        location: SourceLocation = #_sourceLocation
    ) {
        let found = defect { () throws(CheckpointError) in _ = try read(file) }
        #expect(found?.0 == expected, sourceLocation: location)
        #expect(found?.offset == offset, sourceLocation: location)
    }

    @Test(
        "versions 2 and 3 give the tensors, outermost dimension first, and where their data are",
        arguments: [2, 3]
    )
    func twoTensors(version: Int) throws {
        var file = GGUFBytes.twoTensors
        file.version = UInt32(version)
        file.add("general.architecture", .string, GGUFBytes.text("flux"))
        let model = try read(file)
        #expect(model.name == "m")
        #expect(model.kind == .gguf)
        #expect(model.architecture == "flux")
        #expect(model.tensors.map(\.name) == ["a", "b"])
        #expect(model.tensors.map(\.shape) == [[2, 32], [3]])
        #expect(model.tensors.map(\.elementType) == [.q8_0, .f32])
        let start = file.header.count
        #expect(model.locations.map(\.offset) == [start, start + 96])
        #expect(model.locations.map(\.byteCount) == [68, 12])
        #expect(model.fileByteCount == start + 128)
        #expect(model.files.first?.headerByteCount == start)
    }

    @Test("tensors stand in the order of their data, whatever the order of the header")
    func otherOrder() throws {
        var file = GGUFBytes.twoTensors
        file.tensors.reverse()
        #expect(try read(file).tensors.map(\.name) == ["a", "b"])
    }

    @Test("the padding after the last tensor may be missing")
    func unpaddedEnd() throws {
        var file = GGUFBytes.twoTensors
        file.dataByteCount = 96 + 12
        #expect(try read(file).tensors.count == 2)
    }

    @Test("a tensor without dimensions is a single number")
    func scalar() throws {
        var file = GGUFBytes()
        file.add(tensor: "s", [])
        file.dataByteCount = 4
        #expect(try read(file).tensors.map(\.shape) == [[1]])
    }

    @Test("only the header has to be there")
    func headerOnly() throws {
        var file = GGUFBytes()
        file.add(tensor: "huge", [1 << 20, 1 << 14], type: 30)
        let bytes = file.bytes
        #expect(try read(bytes, byteCount: bytes.count + 1 << 35).parameters == 1 << 34)
    }

    @Test("the header's size is the one that is computed for the file's metadata and tensors")
    func headerSize() throws {
        var file = GGUFBytes.twoTensors
        for (key, type, bytes) in Self.values { file.add(key, type, bytes) }
        let model = try read(file)
        #expect(
            try GGUFHeader(metadata: model.metadata).byteCount(for: model.tensors) == file.header.count
        )
    }

    private static let values: [(String, MetadataType, [UInt8])] = [
        ("u8", .uint8, [200]), ("i8", .int8, [0xFF]), ("u16", .uint16, [1, 2]),
        ("i16", .int16, [0xFE, 0xFF]),
        ("u32", .uint32, [1, 0, 0, 0x80]), ("i32", .int32, [0xFF, 0xFF, 0xFF, 0xFF]),
        ("f32", .float32, [0, 0, 0xC0, 0x3F]), ("bool", .bool, [1]),
        ("text", .string, GGUFBytes.text("größe")),
        ("u64", .uint64, [1, 0, 0, 0, 0, 0, 0, 0x80]), ("i64", .int64, [UInt8](repeating: 0xFF, count: 8)),
        ("f64", .float64, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F]),
        ("i32s", .array, GGUFBytes.array(.int32, count: 1, [7, 0, 0, 0])),
        ("texts", .array, GGUFBytes.array(.string, count: 1, GGUFBytes.text("x"))),
        ("nested", .array, GGUFBytes.array(.array, count: 1, GGUFBytes.array(.bool, count: 2, [0, 1]))),
        ("none", .array, GGUFBytes.array(.float64, count: 0, [])),
        ("scores", .array, GGUFBytes.array(.float32, count: 2_000, [UInt8](repeating: 0, count: 8_000))),
        ("flags", .array, GGUFBytes.array(.bool, count: 2_000, [UInt8](repeating: 1, count: 2_000))),
        (
            "vocabulary", .array,
            GGUFBytes.array(.string, count: 2_000, (0..<2_000).flatMap { GGUFBytes.text("t\($0)") })
        ),
        // A token may be one byte of a character.
        ("tokens", .array, GGUFBytes.array(.string, count: 1, GGUFBytes.number(UInt64(1)) + [0x80])),
    ]

    @Test("every type of value is read, and large ones are left out but measured")
    func values() throws {
        var file = GGUFBytes.twoTensors
        for (key, type, bytes) in Self.values { file.add(key, type, bytes) }
        let model = try read(file)
        let expected: [MetadataValue] = [
            .uint8(200), .int8(-1), .uint16(513), .int16(-2), .uint32(0x8000_0001), .int32(-1), .float32(1.5),
            .bool(true), .string("größe"), .uint64(1 << 63 | 1), .int64(-1), .float64(1.5), .int32Array([7]),
            .array(of: .string, [.string("x")]),
            .array(of: .array, [.array(of: .bool, [.bool(false), .bool(true)])]),
            .array(of: .float64, []), .omitted(.array, byteCount: 12 + 8_000),
            .omitted(.array, byteCount: 12 + 2_000),
            .omitted(.array, byteCount: 12 + 2_000 * 9 + 10 + 90 * 2 + 900 * 3 + 1_000 * 4),
            .omitted(.array, byteCount: 12 + 9),
        ]
        #expect(model.metadata.map(\.value) == expected)
        #expect(model.metadataValue(for: "text") == .string("größe"))
        #expect(model.metadataValue(for: "other") == nil)
    }

    @Test("a long text is left out, and so is what would take too much memory together")
    func longTexts() throws {
        let text = String(repeating: "x", count: 1 << 20)
        var file = GGUFBytes.twoTensors
        file.add("longer", .string, GGUFBytes.text(text + "x"))
        for index in 0..<17 { file.add("\(index)", .string, GGUFBytes.text(text)) }
        let values = try read(file).metadata.map(\.value)
        #expect(values.first == .omitted(.string, byteCount: 8 + 1 << 20 + 1))
        #expect(values[1] == .string(text))
        #expect(values.last == .omitted(.string, byteCount: 8 + 1 << 20))
    }

    @Test("a file cut off anywhere in its header is an error, and never a crash")
    func truncatedHeader() throws {
        var file = GGUFBytes.twoTensors
        for (key, type, bytes) in Self.values.prefix(16) { file.add(key, type, bytes) }
        let bytes = file.bytes
        for count in 0..<file.header.count {
            expectCutOff(after: count) { try read(Array(bytes.prefix(count))) }
        }
    }

    @Test("a file that ends in its header says what is missing and by how many bytes")
    func headerEndsEarly() {
        let bytes = Array(GGUFBytes.twoTensors.bytes.prefix(20))
        let found = defect { () throws(CheckpointError) in _ = try read(bytes) }
        #expect(found?.0 == .headerEndsEarly(reading: "the number of metadata entries", missing: 4))
        #expect(found?.offset == 16)
    }

    @Test("a file that is cut off in its data says by how many bytes")
    func dataEndEarly() {
        var file = GGUFBytes.twoTensors
        file.dataByteCount = 60
        expect(.dataEndEarly(tensor: "a", missing: 48), at: file.bytes.count, in: file)
        file.dataByteCount = 100
        expect(.dataEndEarly(tensor: "b", missing: 8), at: file.bytes.count, in: file)
    }

    @Test("more bytes than the padding after the last tensor are an error")
    func trailingBytes() {
        var file = GGUFBytes.twoTensors
        file.dataByteCount = 131
        expect(.trailingBytes(count: 3), at: file.header.count + 128, in: file)
    }

    @Test("a big-endian file is recognised as one")
    func bigEndian() {
        var file = GGUFBytes.twoTensors
        file.version = UInt32(3).byteSwapped
        expect(.bigEndian, at: 4, in: file)
    }

    @Test("other versions are errors", arguments: [0, 1, 4, UInt32.max])
    func versions(version: UInt32) {
        var file = GGUFBytes.twoTensors
        file.version = version
        expect(.unsupportedVersion(version), at: 4, in: file)
    }

    @Test("impossible counts are errors before anything is read", arguments: [-1, 500_001, Int64.max, .min])
    func counts(count: Int64) {
        var file = GGUFBytes.twoTensors
        file.tensorCount = count
        expect(.tensorCountOutOfRange(count, limit: 500_000), at: 8, in: file)
        file.tensorCount = nil
        file.metadataCount = count
        expect(.metadataCountOutOfRange(count, limit: 50_000), at: 16, in: file)
    }

    @Test("one byte is said in the singular")
    func oneByte() {
        #expect(
            "\(FileDefect.trailingBytes(count: 1))"
                == "the file has 1 byte after the last tensor's data; cut it off or fetch it again"
        )
        #expect(
            "\(FileDefect.trailingBytes(count: 2))".contains(
                "2 bytes after the last tensor's data; cut them off"
            )
        )
        #expect(
            "\(FileDefect.hole(tensor: "a", byteCount: 1))".hasPrefix(
                "1 byte before the data of tensor \"a\" belongs"
            )
        )
        #expect("\(FileDefect.dataEndEarly(tensor: "a", missing: 1))".contains("is 1 byte too short"))
        #expect(
            "\(FileDefect.headerEndsEarly(reading: "the header", missing: 1))".contains(
                "ends 1 byte too early"
            )
        )
    }

    @Test("lengths and counts beyond the file are errors", arguments: [1 << 40, UInt64.max, 1 << 62])
    func hugeLengths(count: UInt64) {
        var file = GGUFBytes()
        file.alignment = 1
        file.add("k", .string, GGUFBytes.number(count))
        let text = FileDefect.headerEndsEarly(reading: "the value of \"k\"", missing: count)
        expect(text, at: file.bytes.count, in: file)
        for type in [MetadataType.uint8, .bool, .string, .array, .int32, .float64] {
            file.metadata = []
            file.add("k", .array, GGUFBytes.array(type, count: count, []))
            let found = defect { () throws(CheckpointError) in _ = try read(file) }
            guard case .headerEndsEarly(reading: "the elements of \"k\"", _) = found?.0 else {
                Issue.record("\(String(describing: found))")
                continue
            }
        }
    }

    @Test("names and keys that are too long, empty, twice or no UTF-8 are errors")
    func names() {
        var file = GGUFBytes.twoTensors
        file.add(String(repeating: "k", count: 1_025), .bool, [1])
        expect(.nameTooLong(of: "a metadata key", byteCount: 1_025, limit: 1_024), at: 24, in: file)
        file.metadata = []
        file.add("", .bool, [1])
        expect(.emptyKey, at: 24, in: file)
        file.metadata = [GGUFBytes.number(UInt64(1)) + [0xFF]]
        expect(.notUTF8(of: "a metadata key"), at: 24, in: file)
        file.metadata = []
        file.add("k", .bool, [1])
        file.add("k", .bool, [1])
        expect(.duplicateKey("k"), at: 24 + 14, in: file)
        file.metadata = []
        file.add("k", .string, GGUFBytes.number(UInt64(1)) + [0xFF])
        expect(.notUTF8(of: "the value of \"k\""), at: 24 + 13, in: file)

        file = GGUFBytes()
        file.add(tensor: String(repeating: "n", count: 1_025), [1])
        expect(.nameTooLong(of: "a tensor's name", byteCount: 1_025, limit: 1_024), at: 24, in: file)
        file.tensors = [GGUFBytes.tensor(name: [0xC3, 0x28], [1])]
        expect(.notUTF8(of: "a tensor's name"), at: 24, in: file)
        file.tensors = [GGUFBytes.tensor(name: [], [1])]
        expect(.emptyTensorName, at: 24, in: file)
        file = .twoTensors
        file.tensors[1] = GGUFBytes.tensor(name: [0x61], [3], at: 96)
        expect(.duplicateTensor("a"), at: 24 + 9 + 4 + 16 + 4 + 8, in: file)
    }

    @Test(
        "a name of 1,024 bytes is read, as is one of 127, which files in the wild have",
        arguments: [127, 1_024]
    )
    func longestName(count: Int) throws {
        var file = GGUFBytes()
        file.add(tensor: String(repeating: "n", count: count), [1])
        file.dataByteCount = 4
        #expect(try read(file).tensors.first?.name.utf8.count == count)
    }

    @Test("impossible dimensions are errors that name the tensor")
    func dimensions() {
        func file(_ rowFirst: [Int64]) -> GGUFBytes {
            var file = GGUFBytes()
            file.add(tensor: "a", rowFirst)
            return file
        }
        let nine = file(Array(repeating: 1, count: 9))
        expect(.tooManyDimensions(tensor: "a", count: 9, limit: 8), at: 33, in: nine)
        expect(.dimensionOutOfRange(tensor: "a", index: 1, size: -3), at: 45, in: file([2, -3]))
        expect(.dimensionOutOfRange(tensor: "a", index: 0, size: 0), at: 37, in: file([0, 2]))
        expect(.impossibleTensor(.tooManyElements(tensor: "a")), at: 33, in: file([1 << 62, 1 << 62]))
        var huge = GGUFBytes()
        huge.tensors = [Array("a".utf8), Array("b".utf8)].map { GGUFBytes.tensor(name: $0, [1 << 56]) }
        #expect(throws: CheckpointError.tooManyParameters(model: "m.gguf")) { try read(huge) }
    }

    @Test("unknown formats and rows that are not whole blocks are errors that name the tensor")
    func formats() {
        var file = GGUFBytes()
        file.add(tensor: "a", [32], type: 200)
        expect(.unknownFormatID(tensor: "a", id: 200), at: 45, in: file)
        file.tensors = []
        file.add(tensor: "a", [33], type: 8)
        let rows = FileDefect.rowNotWholeBlocks(tensor: "a", format: "Q8_0", blockElements: 32, rowLength: 33)
        expect(rows, at: 33, in: file)
    }

    @Test("data that overlap, leave a hole or are not aligned are errors that name the tensor")
    func layout() {
        func file(_ offset: UInt64) -> GGUFBytes {
            var file = GGUFBytes.twoTensors
            file.tensors[1] = GGUFBytes.tensor(name: Array("b".utf8), [3], at: offset)
            return file
        }
        let start = GGUFBytes.twoTensors.header.count
        expect(.overlap(tensor: "b", other: "a", byteCount: 4), at: start + 64, in: file(64))
        expect(.hole(tensor: "b", byteCount: 32), at: start + 96, in: file(128))
        expect(.misaligned(tensor: "b", dataOffset: 68, alignment: 32), at: start + 68, in: file(68))
        expect(.hole(tensor: "b", byteCount: UInt64.max - 31 - 96), at: start + 96, in: file(UInt64.max - 31))
    }

    @Test("metadata of impossible types and values are errors that name the key")
    func metadata() {
        var file = GGUFBytes()
        file.metadata = [GGUFBytes.text("k") + GGUFBytes.number(UInt32(13))]
        expect(.unknownValueType(key: "k", id: 13), at: 33, in: file)
        file.metadata = []
        file.add("k", .bool, [2])
        expect(.impossibleBool(key: "k", value: 2), at: 37, in: file)
        file.metadata = []
        var nested: [UInt8] = []
        for _ in 0..<9 { nested = GGUFBytes.array(.array, count: 1, nested) }
        file.add("k", .array, nested)
        expect(.arraysTooDeep(key: "k", limit: 8), at: 37 + 8 * 12, in: file)
    }

    @Test("the architecture and the name are texts", arguments: ["general.architecture", "general.name"])
    func texts(key: String) {
        var file = GGUFBytes()
        file.add(key, .uint32, GGUFBytes.number(UInt32(7)))
        expect(.wrongValueType(key: key, expected: "a text"), at: 24 + 8 + key.utf8.count + 4, in: file)
    }

    @Test("an alignment is a uint32 power of two up to a mebibyte", arguments: [0, 48, 1 << 21, 1 << 31])
    func alignment(value: UInt32) {
        var file = GGUFBytes()
        file.add("general.alignment", .uint32, GGUFBytes.number(value))
        expect(.alignmentOutOfRange(UInt64(value), limit: 1 << 20), at: 53, in: file)
        file.metadata = []
        file.add("general.alignment", .uint64, GGUFBytes.number(UInt64(32)))
        expect(.wrongValueType(key: "general.alignment", expected: "a uint32"), at: 53, in: file)
    }

    @Test("another alignment moves the tensors")
    func otherAlignment() throws {
        var file = GGUFBytes()
        file.alignment = 128
        file.add("general.alignment", .uint32, GGUFBytes.number(UInt32(128)))
        file.add(tensor: "a", [1])
        file.add(tensor: "b", [1], at: 128)
        file.dataByteCount = 256
        #expect(try read(file).locations.map(\.offset) == [128, 256])
    }

    @Test("a file that says it is a part must have the name of one, and possible numbers")
    func splitKeys() {
        var file = GGUFBytes.twoTensors
        file.add("split.no", .uint16, [1, 0])
        file.add("split.count", .uint16, [3, 0])
        file.add("split.tensors.count", .int32, [4, 0, 0, 0])
        let ending = "-00002-of-00003.gguf"
        #expect(throws: CheckpointError.shardNameDisagrees(path: "m.gguf", expectedEnding: ending)) {
            try read(file)
        }
        file.metadata.removeFirst()
        file.add("split.no", .uint16, [3, 0])
        let found = defect { () throws(CheckpointError) in _ = try read(file) }
        #expect(found?.0 == .splitNumberOutOfRange(3, count: 3))
        file.metadata = []
        file.add("split.count", .int32, GGUFBytes.number(Int32(-3)))
        let count = defect { () throws(CheckpointError) in _ = try read(file) }
        #expect(count?.0 == .wrongValueType(key: "split.count", expected: "a whole number of at least 0"))
        file.metadata = []
        file.add("split.count", .uint8, [3])
        let number = defect { () throws(CheckpointError) in _ = try read(file) }
        #expect(number?.0 == .missingKey("split.no"))
        file.add("split.no", .uint8, [0])
        let total = defect { () throws(CheckpointError) in _ = try read(file) }
        #expect(total?.0 == .missingKey("split.tensors.count"))
    }

    @Test("a header beyond the limit is an error, even in a file that holds it")
    func headerTooLong() {
        var file = GGUFBytes()
        file.alignment = 1
        file.add("k", .array, GGUFBytes.array(.uint8, count: 100_000_001, []))
        let bytes = file.bytes
        let found = defect { () throws(CheckpointError) in _ = try read(bytes, byteCount: 1 << 40) }
        #expect(found?.0 == .headerTooLong(limit: 100_000_000))
        #expect(found?.offset == bytes.count)
    }

    @Test("a file without tensors is no model")
    func noTensors() {
        #expect(throws: CheckpointError.noTensors(model: "m")) { try read(GGUFBytes()) }
    }
}
