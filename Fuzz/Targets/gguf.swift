import Checkpoints

/// Tries the reader of GGUF files.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = bytes(at: start, count: count)
    attempt { _ = try Model.gguf(ByteSource(bytes: bytes, path: "m.gguf")) }
    attempt { _ = try Model.gguf(ByteSource(bytes: bytes, path: "m.gguf", byteCount: claimedByteCount)) }
    return 0
}
