import Tensors
import Testing

struct FileLayoutTests {
    @Test(
        "a tensor is padded to the next multiple of the alignment",
        arguments: [(0, 0), (1, 32), (31, 32), (32, 32), (33, 64), (-5, 0), (.max, .max), (.min, 0)]
    )
    func padding(bytes: Int, padded: Int) throws {
        #expect(try FileLayout(headerBytes: 0, alignment: 32).paddedByteCount(bytes) == padded)
    }

    @Test("a file is its header and its padded tensors")
    func fileSize() throws {
        let layout = try FileLayout(headerBytes: 384, alignment: 32)
        #expect(layout.fileSize(tensorByteCounts: [12, 100, 42, 408, 66]) == 1_120)
        #expect(layout.dataSize(tensorByteCounts: [12, 100, 42, 408, 66]) == 736)
        #expect(layout.fileSize(tensorByteCounts: []) == 384)
        #expect(FileLayout.unpadded.fileSize(tensorByteCounts: [12, 100]) == 112)
    }

    @Test("sizes beyond Int.max stay there")
    func saturation() throws {
        let layout = try FileLayout(headerBytes: .max, alignment: 1 << 62)
        #expect(layout.fileSize(tensorByteCounts: [.max, .max]) == .max)
        #expect(layout.dataSize(tensorByteCounts: [.max, .max]) == .max)
        #expect(layout.paddedByteCount((1 << 62) + 1) == .max)
    }

    @Test("an alignment that is no power of two is an error", arguments: [0, -1, 3, 48, Int.min, Int.max])
    func badAlignment(alignment: Int) {
        #expect(throws: TensorError.badAlignment(alignment)) {
            try FileLayout(headerBytes: 0, alignment: alignment)
        }
    }

    @Test("a header of less than nothing is an error")
    func negativeHeader() {
        #expect(throws: TensorError.negativeHeader(-1)) { try FileLayout(headerBytes: -1, alignment: 32) }
    }
}
