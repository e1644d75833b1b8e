import Foundation

/// With which power of a perturbation's size the loss at the end of a model grows.
///
/// A model that answers smoothly has the power 2. Rounding in few bits puts a floor under small losses, which makes the power
/// smaller; so it is fitted rather than taken for granted.
public struct PerturbationExponent: Hashable, Sendable {
    /// The power: the slope of the logarithm of the loss over that of the size, the same for all layers, by least squares with a
    /// constant per layer.
    public let value: Double
    /// The standard deviation of the slopes of single layers.
    public let spread: Double
    /// The number of layers that it was fitted to.
    public let layerCount: Int

    /// The power where it cannot be fitted.
    public static let assumed = 2.0

    /// Fits the power; nil where no layer has losses above 0 in two sizes.
    init?(of measurement: OutputMeasurement) {
        var products = 0.0
        var squares = 0.0
        var slopes: [Double] = []
        for layer in measurement.layers {
            guard let losses = measurement.outputs[layer]?.losses else { continue }
            let points = zip(measurement.perturbations, losses)
                .filter { $1.count > 0 && $1.mean > 0 }
                .map { (x: log($0), y: log($1.mean)) }
            guard points.count > 1 else { continue }
            let count = Double(points.count)
            let x = points.reduce(0) { $0 + $1.x } / count
            let y = points.reduce(0) { $0 + $1.y } / count
            let product = points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) }
            let square = points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
            products += product
            squares += square
            slopes.append(product / square)
        }
        guard squares > 0 else { return nil }
        value = products / squares
        layerCount = slopes.count
        let mean = slopes.reduce(0, +) / Double(slopes.count)
        let deviation = slopes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        spread = slopes.count > 1 ? (deviation / Double(slopes.count - 1)).squareRoot() : 0
    }
}

extension PerturbationExponent: CustomStringConvertible {
    /// The power in words, such as `the power 1.98 of the perturbation (210 layers, ±0.05)`.
    public var description: String {
        "the power \(String(format: "%.3g", value)) of the perturbation "
            + "(\(layerCount) layers, ±\(String(format: "%.2g", spread)))"
    }
}
