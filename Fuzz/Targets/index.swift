import Checkpoints

/// Tries the reader of safetensors indexes.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = bytes(at: start, count: count)
    attempt { _ = try SafetensorsIndex(ByteSource(bytes: bytes, path: "m.safetensors.index.json")) }
    return 0
}
