import Checkpoints
import Text

/// What a file is said to measure, so that readers also see headers whose data are not there.
private let claimedByteCount = 1 << 40

func testGGUF(_ bytes: [UInt8]) {
    attempt { _ = try Model.gguf(ByteSource(bytes: bytes, path: "m.gguf")) }
    attempt { _ = try Model.gguf(ByteSource(bytes: bytes, path: "m.gguf", byteCount: claimedByteCount)) }
}

func testSafetensors(_ bytes: [UInt8]) {
    let path = "m.safetensors"
    attempt { _ = try Model.safetensors(ByteSource(bytes: bytes, path: path)) }
    attempt { _ = try Model.safetensors(ByteSource(bytes: bytes, path: path, byteCount: claimedByteCount)) }
}

func testIndex(_ bytes: [UInt8]) {
    attempt { _ = try SafetensorsIndex(ByteSource(bytes: bytes, path: "m.safetensors.index.json")) }
}

func testInventory(_ bytes: [UInt8]) {
    attempt { _ = try InventoryReader.read(bytes, from: "m.json") }
}
