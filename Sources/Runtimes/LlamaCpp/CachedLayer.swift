/// What llama.cpp caches of one block of a network: elements per token and part, and the state that no context lengthens.
///
/// A block may have several of these: attention with an index beside it, or attention beside a recurrent state.
public struct CachedLayer: Hashable, Sendable {
    /// The elements of the keys of a token.
    public var keyWidth: Int
    /// The elements of the values of a token; 0 where values are a view of the keys.
    public var valueWidth: Int
    /// The tokens that attention looks back, or nil for all.
    public var window: Int?
    /// The elements of the keys of a token in the index of sparse attention.
    public var indexKeyWidth: Int
    /// The elements of the values of a token in that index.
    public var indexValueWidth: Int
    /// The elements of a sequence's state.
    public var stateElements: Int

    /// A block that caches nothing.
    public static let empty = CachedLayer()

    /// Creates what is cached of a block.
    public init(
        keyWidth: Int = 0,
        valueWidth: Int = 0,
        window: Int? = nil,
        indexKeyWidth: Int = 0,
        indexValueWidth: Int = 0,
        stateElements: Int = 0
    ) {
        self.keyWidth = keyWidth
        self.valueWidth = valueWidth
        self.window = window
        self.indexKeyWidth = indexKeyWidth
        self.indexValueWidth = indexValueWidth
        self.stateElements = stateElements
    }
}
