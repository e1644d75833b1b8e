import Checkpoints

/// Tries the reader of inventories.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = bytes(at: start, count: count)
    attempt { _ = try InventoryReader.read(bytes, from: "m.json") }
    return 0
}
