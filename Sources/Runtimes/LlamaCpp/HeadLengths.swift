/// How long the heads of a network's keys and values are, in elements.
struct HeadLengths: Hashable, Sendable {
    /// Of a block that looks back all the way.
    let keys: Int
    let values: Int
    /// Of a block with a window.
    let windowKeys: Int
    let windowValues: Int
    /// Whether values are a view of the keys.
    let isLatent: Bool

    /// Reads the lengths.
    init(_ network: NetworkMetadata, headCount: Int) throws(RuntimeError) {
        let statedKeys = try network.number("attention.key_length")
        let statedValues = try network.number("attention.value_length")
        var standing = 0
        if headCount > 0, statedKeys == nil || statedValues == nil {
            standing = try network.requiredNumber("embedding_length") / headCount
        }
        keys = headCount > 0 ? statedKeys ?? standing : 0
        values = headCount > 0 ? statedValues ?? standing : 0
        windowKeys = try network.number("attention.key_length_swa") ?? keys
        windowValues = try network.number("attention.value_length_swa") ?? values
        let latentKeys = try network.number("attention.key_length_mla") ?? 0
        let latentValues = try network.number("attention.value_length_mla") ?? 0
        isLatent = latentKeys > 0 && latentValues > 0
    }

    func of(hasWindow: Bool) -> (keys: Int, values: Int) {
        hasWindow ? (windowKeys, windowValues) : (keys, values)
    }
}
