/// Values that look like weights, drawn with a seed: a normal distribution around 0, by the sum of twelve uniform numbers.
public func drawnWeights(_ count: Int, seed: Int, scale: Float = 0.02) -> [Float] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
        (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0..<1, using: &random) } * scale
    }
}
