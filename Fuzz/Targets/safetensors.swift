import Checkpoints

/// Tries the reader of safetensors files.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = bytes(at: start, count: count)
    attempt { _ = try Model.safetensors(ByteSource(bytes: bytes, path: "m.safetensors")) }
    attempt {
        _ = try Model.safetensors(
            ByteSource(bytes: bytes, path: "m.safetensors", byteCount: claimedByteCount)
        )
    }
    return 0
}
