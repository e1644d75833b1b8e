public import Sensitivity

/// A stack of layers whose sensitivity can be measured, with weights that can be cast.
///
/// A state is an array of values per stream, in the order of `StackShape.streams(before:)`. Running layers again gives the same
/// values.
public protocol LayerStack {
    /// Which streams the stack carries where.
    var shape: StackShape { get }
    /// The names of the formats, as Table 3's columns.
    var formats: [String] { get }

    /// Runs layers one after the other.
    ///
    /// - Parameters:
    ///   - layers: The layers, a range within 0 ..< `StackShape.layerCount` that is not empty.
    ///   - states: The values before the first layer, per stream.
    /// - Returns: The values after the last layer, per stream.
    func run(_ layers: Range<Int>, from states: [[Float]]) -> [[Float]]

    /// Runs one layer with the weights of one of its streams cast to a format and back.
    ///
    /// - Parameters:
    ///   - layer: The layer.
    ///   - states: The values before the layer, per stream.
    ///   - stream: The stream whose weights are cast.
    ///   - format: The format.
    /// - Returns: The values after the layer, per stream, or `nil` if the weights cannot be cast to the format.
    func run(_ layer: Int, from states: [[Float]], casting stream: Stream, to format: String) -> [[Float]]?
}
