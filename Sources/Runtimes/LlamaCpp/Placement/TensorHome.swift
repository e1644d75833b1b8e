/// Where a tensor may be in llama.cpp.
public enum TensorHome: Hashable, Sendable {
    /// Words are looked up in it, so it stays on the host.
    case lookedUp
    /// It drafts tokens, and is not loaded.
    case notLoaded
    /// It is where its block is; the output, and what belongs to it, is the last of the row.
    case bound(unit: Int)
    /// It belongs to a block, and may be moved to any device.
    case movable(unit: Int)
}
