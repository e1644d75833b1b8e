public import Tensors

/// The order in which layers are measured: every kind of layer early, and each kind from all depths of the model.
///
/// Kinds take turns, that with the most weights first. Within a kind the first layer is followed by the one in the middle, then those
/// at the quarters, and so on (van der Corput, Verteilungsfunktionen, 1935: the positions with their bits reversed). So whenever
/// the measuring ends, what is known is spread evenly over what there is.
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
    ///   - layers: The layers.
    ///   - formats: The formats; a layer that none of them fits is measured in ``fallbacks``' first that does.
    /// - Returns: The cells; a format that does not fit a layer has none there.
    public static func cells(of layers: [ModelLayer], formats: [QuantizationFormat]) -> [Cell] {
        let order = order(of: layers)
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
    static func order(of layers: [ModelLayer]) -> [Int] {
        var groups: [String: [Int]] = [:]
        var kinds: [String] = []
        for (index, layer) in layers.enumerated() {
            if groups[layer.kind] == nil { kinds.append(layer.kind) }
            groups[layer.kind, default: []].append(index)
        }
        let weights = kinds.map { kind in
            (groups[kind] ?? []).reduce(0) { $0 + layers[$1].elementCount }
        }
        let turns = kinds.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
            .map { spread(groups[kinds[$0]] ?? []) }
        let longest = turns.map(\.count).max() ?? 0
        return (0..<longest).flatMap { turn in turns.compactMap { turn < $0.count ? $0[turn] : nil } }
    }

    /// A list with its first element first, then that in the middle, then those at the quarters, and so on.
    static func spread(_ list: [Int]) -> [Int] {
        var bits = 0
        while 1 << bits < list.count { bits += 1 }
        return (0..<(1 << bits)).compactMap { number in
            var reversed = 0
            for bit in 0..<bits where number & (1 << bit) != 0 { reversed |= 1 << (bits - 1 - bit) }
            return reversed < list.count ? list[reversed] : nil
        }
    }
}
