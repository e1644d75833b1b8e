/// How long the heads are that llama.cpp caches of a block.
struct CachedHead: Hashable, Sendable {
    /// The elements of a head of keys.
    let keys: Int
    /// The elements of a head of values; nil where values are a view of the keys.
    let values: Int?
}
