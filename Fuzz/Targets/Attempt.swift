import Checkpoints

/// What a file is said to measure, so that readers also see headers whose data are not there.
let claimedByteCount = 1 << 40

/// Reads some bytes, which must give a model or an error that can be put into words.
func attempt(_ read: () throws -> Void) {
    do {
        try read()
    } catch {
        precondition(!String(describing: error).isEmpty)
    }
}

/// The bytes that the fuzzer gives.
func bytes(at start: UnsafePointer<UInt8>?, count: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: start, count: count))
}
