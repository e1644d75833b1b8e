/// A stack of layers whose sensitivity can be measured.
///
/// A state is an array of values per stream, in the order of ``StackShape/streams(before:)``. What the values of a stream
/// stand for (tokens times channels, in any order) is the stack's own affair; their number must be the same whenever
/// the same sample is run. Layers may read all streams of a state and write all of them, and running them again must
/// give the same values: noise, such as dropout, would be measured as sensitivity.
public protocol LayerStack {
    /// Which streams the stack carries where.
    var shape: StackShape { get }

    /// Runs layers one after the other, from the state before the first to the state after the last.
    ///
    /// - Parameters:
    ///   - layers: The layers, a range within 0 ..< ``StackShape/layerCount`` that is not empty.
    ///   - states: The values before the first layer, per stream.
    /// - Returns: The values after the last layer, per stream.
    /// - Throws: Whatever keeps the layers from being run; it ends the measurement.
    func run(_ layers: Range<Int>, from states: [[Float]]) throws -> [[Float]]
}

/// A stack whose layers can be run with their weights cast to other formats.
public protocol CastableLayerStack: LayerStack {
    /// The names of the formats, as Table 3's columns.
    var formats: [String] { get }

    /// Runs one layer with the weights of one of its streams cast to a format and back.
    ///
    /// - Parameters:
    ///   - layer: The layer.
    ///   - states: The values before the layer, per stream.
    ///   - stream: The stream whose weights are cast.
    ///   - format: The format.
    /// - Returns: The values after the layer, per stream, or `nil` if the weights cannot be cast to the format.
    /// - Throws: Whatever keeps the layer from being run; it ends the measurement.
    func run(
        _ layer: Int,
        from states: [[Float]],
        casting stream: Stream,
        to format: String
    ) throws -> [[Float]]?
}
