import Sensitivity
import TestSupport

/// A stack whose layers are matrices, so that everything measured of it has a closed form.
///
/// All streams of a state stand one after the other in one vector; where `img` and `txt` are joined into `x`, the vector
/// stays as it is.
struct LinearStack: LayerStack {
    let shape: StackShape
    /// The length of the streams: of `img` and `txt`, or of `x` alone.
    let lengths: [Int]
    /// One square matrix per layer, in rows.
    let matrices: [[[Double]]]
    /// How much larger a cast layer's own stream becomes: a relative error of that size.
    let errors = ["coarse": 0.25, "fine": 0.0625]
    let formats = ["coarse", "fine", "broken", "unfit"]

    init(layerCount: Int, joinLayer: Int?, lengths: [Int], seed: Int) throws {
        shape = try StackShape(layerCount: layerCount, joinLayer: joinLayer)
        self.lengths = lengths
        var generator = SeededGenerator(seed: seed)
        let size = lengths.reduce(0, +)
        matrices = (0..<layerCount).map { _ in
            (0..<size).map { row in
                (0..<size).map { column in
                    (row == column ? 1 : 0) + .random(in: -0.3...0.3, using: &generator)
                }
            }
        }
    }

    private func joined(_ states: [[Float]]) -> [Double] { states.joined().map(Double.init) }

    private func split(_ vector: [Double], before layer: Int) -> [[Float]] {
        guard shape.streams(before: layer).count == 2 else { return [vector.map { Float($0) }] }
        return [vector[..<lengths[0]].map { Float($0) }, vector[lengths[0]...].map { Float($0) }]
    }

    private func product(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
        matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    func run(_ layers: Range<Int>, from states: [[Float]]) -> [[Float]] {
        var vector = joined(states)
        for layer in layers {
            vector = product(matrices[layer], vector)
        }
        return split(vector, before: layers.upperBound)
    }

    /// The first layer alone can be cast to the format `unfit`, which ruins it, as `broken` does every layer.
    func run(_ layer: Int, from states: [[Float]], casting stream: Stream, to format: String) -> [[Float]]? {
        guard format != "unfit" || layer == 0 else { return nil }
        let clean = product(matrices[layer], joined(states))
        let place = positions(of: stream, before: layer)
        return split(
            clean.enumerated().map { index, value in
                place.contains(index) ? value * (1 + (errors[format] ?? .infinity)) : value
            },
            before: layer + 1
        )
    }

    /// Where a stream stands in the vector before a layer.
    func positions(of stream: Stream, before layer: Int) -> Range<Int> {
        switch stream {
        case .img: 0..<lengths[0]
        case .txt: lengths[0]..<lengths.reduce(0, +)
        case .x: 0..<lengths.reduce(0, +)
        }
    }

    /// The state before a layer in exact arithmetic.
    func state(before layer: Int, from sample: [[Float]]) -> [Double] {
        matrices[..<layer].reduce(joined(sample)) { product($1, $0) }
    }

    /// The expected loss at the end for a relative perturbation of a width: `δ²/12 · Σ x_j² |M e_j|² / n`.
    ///
    /// `u − ½` has mean 0 and mean square 1/12 and is independent for each value, so only the squares of the columns of
    /// the matrix `M` from there to the end are left.
    func expectedLoss(perturbing state: HiddenState, of sample: [[Float]], width: Double) -> Double {
        let values = self.state(before: state.layer, from: sample)
        let size = values.count
        var total = 0.0
        for position in positions(of: state.stream, before: state.layer) {
            var basis = [Double](repeating: 0, count: size)
            basis[position] = values[position]
            let reached = matrices[state.layer...].reduce(basis) { product($1, $0) }
            total += reached.reduce(0) { $0 + $1 * $1 }
        }
        return width * width / 12 * total / Double(size)
    }

    func meanSquare(of state: HiddenState, of sample: [[Float]]) -> Double {
        let values = self.state(before: state.layer, from: sample)[
            positions(of: state.stream, before: state.layer)
        ]
        return values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    }

    func samples(_ count: Int, seed: Int) -> [[[Float]]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            split((0..<lengths.reduce(0, +)).map { _ in .random(in: -2...2, using: &generator) }, before: 0)
        }
    }
}
