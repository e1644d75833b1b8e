import Tensors
import Testing

@testable import Checkpoints

struct GGUFHeaderTests {
    // Written with gguf-py 0.19.0: its writer made a file of 1,120 bytes of these five tensors, and its reader found
    // the first tensor at 384 and tensors of 12, 100, 42, 408 and 66 bytes at 384, 416, 544, 608 and 1,024. The last
    // tensor ends at 1,090, so it is padded as the others are.
    @Test("the size of a file of five odd tensors is that of the file gguf-py wrote")
    func agreesWithGGUFWriter() throws {
        let tensors = [
            try TensorInfo(name: "a", shape: [3], elementType: .f32),
            try TensorInfo(name: "b.weight", shape: [5, 32], elementType: .q4_1),
            try TensorInfo(name: "c.weight", shape: [3, 7], elementType: .bf16),
            try TensorInfo(name: "d.weight", shape: [2, 3, 64], elementType: .q8_0),
            try TensorInfo(name: "e.weight", shape: [1, 33], elementType: .f16),
        ]
        let layout = GGUFHeader.flux().layout(for: tensors)
        let counts = tensors.compactMap { $0.elementType?.byteCount(of: $0) }
        #expect(counts == [12, 100, 42, 408, 66])
        #expect(layout.headerBytes == 384)
        #expect(layout.alignment == 32)
        #expect(layout.fileSize(tensorByteCounts: counts) == 1_120)
    }

    @Test("a header without anything is its 24 bytes, padded")
    func emptyHeader() throws {
        #expect(try GGUFHeader(metadata: []).byteCount(for: []) == 32)
    }

    @Test(
        "each kind of value takes the bytes that the format says",
        arguments: [
            (MetadataValue.uint8(1), 1), (.int8(1), 1), (.bool(true), 1), (.uint16(1), 2), (.int16(1), 2),
            (.uint32(1), 4), (.int32(1), 4), (.float32(1), 4), (.uint64(1), 8), (.int64(1), 8),
            (.float64(1), 8),
            (.string("größe"), 8 + 7), (.int32Array([1, 2, 3]), 4 + 8 + 12),
        ]
    )
    func valueSizes(value: MetadataValue, bytes: Int) {
        #expect(value.byteCount == bytes)
    }

    @Test("general.alignment changes the padding of the header and of the tensors")
    func alignment() throws {
        let header = try GGUFHeader(metadata: [GGUFMetadata("general.alignment", .uint32(128))])
        #expect(header.alignment == 128)
        #expect(header.byteCount(for: []) == 128)
        #expect(header.layout(for: []).paddedByteCount(1) == 128)
    }

    @Test(
        "an alignment that is no power of two or no uint32 is an error",
        arguments: [MetadataValue.uint32(0), .uint32(48), .uint64(32), .string("32")]
    )
    func badAlignment(value: MetadataValue) {
        #expect(throws: CheckpointError.badAlignment("\(value)")) {
            try GGUFHeader(metadata: [GGUFMetadata("general.alignment", value)])
        }
    }

    @Test("a key twice is an error")
    func duplicateKey() {
        #expect(throws: CheckpointError.duplicateKey("k")) {
            try GGUFHeader(metadata: [GGUFMetadata("k", .bool(true)), GGUFMetadata("k", .bool(false))])
        }
    }
}
