/// How strongly the end of a model answers to a change of its hidden states.
///
/// Holds Tables 1 and 2 of the sensitivity analysis, one row per state. A state is named by the layer it
/// stands *before*: the row of layer 0 is the state that enters the model. Up to the layer where the streams
/// are joined there are rows for `img` and `txt`, from there on for `x`.
public struct SensitivityProfile: Hashable, Sendable {
    /// The name of the measured model.
    public let name: String
    /// The number of layers, double blocks and single blocks together.
    public let layerCount: Int
    /// The layer before which `img` and `txt` are joined into `x`: the first single block.
    public let joinLayer: Int

    /// One row of Tables 1 and 2 for one stream.
    struct State: Hashable, Sendable {
        let sensitivity: Measurement
        let meanSquare: Double
    }

    /// The states before layers 0 ..< `joinLayer`.
    private let img: [State]
    private let txt: [State]
    /// The states before layers `joinLayer` ..< `layerCount`.
    private let x: [State]

    /// The states that leave the last layer, where they were measured.
    private let end: [Stream: State]

    /// Creates a profile from states in the order of their layers; `img` and `txt` have the same number.
    init(name: String, img: [State], txt: [State], x: [State], end: [Stream: State] = [:]) {
        self.end = end
        self.name = name
        self.img = img
        self.txt = txt
        self.x = x
        joinLayer = img.count
        layerCount = img.count + x.count
    }

    /// The layers that carry a stream, which are also the rows that the tables have for it.
    public func layers(of stream: Stream) -> Range<Int> {
        switch stream {
        case .img, .txt: 0..<joinLayer
        case .x: joinLayer..<layerCount
        }
    }

    /// The loss at the end for a 1 % perturbation of a state: `S`, Table 1.
    ///
    /// - Parameters:
    ///   - layer: The layer that the state stands before.
    ///   - stream: The stream of the state.
    /// - Returns: The mean square error loss at the end, with its spread.
    /// - Throws: ``SensitivityError/layerOutsideTables(layer:last:)``,
    ///   ``SensitivityError/streamsJoined(stream:layer:joinLayer:)``,
    ///   ``SensitivityError/streamsApart(layer:joinLayer:)`` or
    ///   ``SensitivityError/noRowAfterLastLayer(layer:)`` where the page has no such row.
    public func sensitivity(
        before layer: Int,
        stream: Stream
    ) throws(SensitivityError) -> Measurement {
        try state(before: layer, stream: stream).sensitivity
    }

    /// The mean square of a state: `R`, Table 2.
    ///
    /// The page once says "RMS value"; its formula and the heading of Table 2 say mean square, and only that
    /// is dimensionally right.
    ///
    /// - Parameters:
    ///   - layer: The layer that the state stands before.
    ///   - stream: The stream of the state.
    /// - Returns: The mean square, a positive number.
    /// - Throws: As ``sensitivity(before:stream:)``.
    public func meanSquare(
        ofLayer layer: Int,
        stream: Stream
    ) throws(SensitivityError) -> Double {
        try state(before: layer, stream: stream).meanSquare
    }

    /// The sensitivity to a loss put into a state, relative to the state's size: `S / sqrt(R)`.
    ///
    /// - Parameters:
    ///   - layer: The layer that the state stands before.
    ///   - stream: The stream of the state.
    /// - Returns: What one square root of loss in this state costs at the end.
    /// - Throws: As ``sensitivity(before:stream:)``.
    public func relativeSensitivity(
        before layer: Int,
        stream: Stream
    ) throws(SensitivityError) -> Double {
        let state = try state(before: layer, stream: stream)
        return state.sensitivity.mean / state.meanSquare.squareRoot()
    }

    /// The row of a layer that carries the stream; the caller has made sure of it.
    func state(_ stream: Stream, _ layer: Int) -> State {
        switch stream {
        case .img: img[layer]
        case .txt: txt[layer]
        case .x: x[layer - joinLayer]
        }
    }

    /// The profile as a page of the analysis holds it, which has no rows for the states that leave the last layer.
    var withoutEnd: SensitivityProfile {
        SensitivityProfile(name: name, img: img, txt: txt, x: x)
    }

    /// Whether the state that leaves the last layer was measured in a stream.
    func hasEnd(_ stream: Stream) -> Bool { end[stream] != nil }

    /// The row for a state.
    private func state(before layer: Int, stream: Stream) throws(SensitivityError) -> State {
        guard layer >= 0, layer <= layerCount else {
            throw .layerOutsideTables(layer: layer, last: layerCount - 1)
        }
        if layer == layerCount, let end = end[stream] { return end }
        switch stream {
        case .img, .txt:
            guard layer < joinLayer else {
                throw .streamsJoined(stream: stream, layer: layer, joinLayer: joinLayer)
            }
            return stream == .img ? img[layer] : txt[layer]
        case .x:
            guard layer >= joinLayer else { throw .streamsApart(layer: layer, joinLayer: joinLayer) }
            guard layer < layerCount else { throw .noRowAfterLastLayer(layer: layer) }
            return x[layer - joinLayer]
        }
    }
}
