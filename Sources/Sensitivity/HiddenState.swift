/// A hidden state of a model: the content of one stream before one layer.
public struct HiddenState: Hashable, Sendable, CustomStringConvertible {
    /// The layer that the state stands before; the number of layers for the state that leaves the last one.
    public let layer: Int
    /// The stream.
    public let stream: Stream

    /// Creates a hidden state.
    public init(before layer: Int, stream: Stream) {
        self.layer = layer
        self.stream = stream
    }

    /// The state in words, such as `img before layer 6`.
    public var description: String { "\(stream.rawValue) before layer \(layer)" }
}
