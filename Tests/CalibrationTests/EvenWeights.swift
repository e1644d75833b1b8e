import TestSupport

/// Weights of so many elements, drawn evenly from −1 to 1.
func evenWeights(_ count: Int, seed: Int) -> [Float] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
}
