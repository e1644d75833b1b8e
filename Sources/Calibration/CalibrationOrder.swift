import Estimation
public import Tensors

/// The order in which layers are measured: what costs most, then every kind of layer early, and each kind from all depths of the model.
///
/// In a language model the matrix of the output comes first and the down projection of the last block second: they cost most, and no other layer says
/// anything of them. Then kinds take turns, that with the most weights first. Within a kind the layer in the middle is followed by
/// those at the quarters, and so on (van der Corput, Verteilungsfunktionen, 1935: the positions with their bits reversed), and the
/// first of all, which is the least like the others, comes last. So whenever the measuring ends, what is known is spread evenly over what
/// there is, and says of the rest what is typical.
public enum CalibrationOrder {
    /// A layer that is measured in a format.
    public struct Cell: Hashable, Sendable {
        /// The position of the layer.
        public let layer: Int
        /// The format.
        public let format: QuantizationFormat
    }

    /// Orders layers, in one format after the other.
    ///
    /// - Parameters:
    ///   - model: The layers, and what is kept besides.
    ///   - formats: The formats; a layer that none of them fits is measured in ``fallbacks``' first that does.
    ///   - isTextEncoder: Whether the model makes vectors of texts, as `Model.isTextEncoder` says: then no layer makes logits.
    /// - Returns: The cells; a format that does not fit a layer has none there.
    public static func cells(
        of model: LayeredModel,
        formats: [QuantizationFormat],
        isTextEncoder: Bool = false
    ) -> [Cell] {
        let layers = model.layers
        let order = order(of: model, isTextEncoder: isTextEncoder)
        var cells: [Cell] = []
        for (turn, format) in formats.enumerated() {
            for layer in order {
                let fitting = formats.filter { format in fits(format, layers[layer]) }
                if fitting.contains(format) {
                    cells.append(Cell(layer: layer, format: format))
                } else if fitting.isEmpty, turn == 0,
                    let fallback = fallbacks.first(where: { fits($0, layers[layer]) })
                {
                    cells.append(Cell(layer: layer, format: fallback))
                }
            }
        }
        return cells
    }

    /// What a layer is measured in that none of the formats fits: small blocks first, then none.
    public static let fallbacks: [QuantizationFormat] = [.q4_0, .float8_e4m3fn]

    private static func fits(_ format: QuantizationFormat, _ layer: ModelLayer) -> Bool {
        layer.tensors.allSatisfy { format.fits($0) }
    }

    /// The positions of layers in the order of measuring.
    static func order(of model: LayeredModel, isTextEncoder: Bool = false) -> [Int] {
        let layers = model.layers
        let known = LayerKinds(of: model, isTextEncoder: isTextEncoder)
        let first =
            layers.indices.filter { known.makesOutput(layers[$0]) }
            + layers.indices.filter {
                !known.makesOutput(layers[$0]) && known.isLastDownProjection(layers[$0])
            }
        var groups: [String: [Int]] = [:]
        var kinds: [String] = []
        for (index, layer) in layers.enumerated() where !first.contains(index) {
            if groups[layer.kind] == nil { kinds.append(layer.kind) }
            groups[layer.kind, default: []].append(index)
        }
        let weights = kinds.map { kind in
            (groups[kind] ?? []).reduce(0) { $0 + layers[$1].elementCount }
        }
        let turns = kinds.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
            .map { spread(groups[kinds[$0]] ?? []) }
        let longest = turns.map(\.count).max() ?? 0
        return first + (0..<longest).flatMap { turn in turns.compactMap { turn < $0.count ? $0[turn] : nil } }
    }

    /// A list with the element in its middle first, then those at the quarters, and so on; its first element is last.
    static func spread(_ list: [Int]) -> [Int] {
        var bits = 0
        while 1 << bits < list.count { bits += 1 }
        return (Array(1..<(1 << bits)) + [0]).compactMap { number in
            var reversed = 0
            for bit in 0..<bits where number & (1 << bit) != 0 { reversed |= 1 << (bits - 1 - bit) }
            return reversed < list.count ? list[reversed] : nil
        }
    }
}

extension WorkPart {
    /// The part's share of cells: every so-manieth in the order of measuring, so that each part has every kind of layer early.
    func share(of cells: [CalibrationOrder.Cell]) -> [CalibrationOrder.Cell] {
        cells.enumerated().filter { $0.offset % count == number - 1 }.map(\.element)
    }
}
