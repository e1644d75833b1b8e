public import Sensitivity

/// Measures Tables 1, 2 and 3 of a stack of layers step by step as the published analysis describes it: the reference that tables made
/// of measurements are tested with, on stacks whose sensitivity has a closed form.
///
/// For every sample, every state and every draw the stream's values are multiplied by `1 + (u − ½) · 0.01`, `u` uniform in
/// (0, 1) and drawn for each value, and the stack is run from there to its end. The loss at the end is the mean square
/// error against the unperturbed end, over all values of all streams there. Table 2 is the mean square of each state,
/// and Table 3 comes from the loss that casting one layer makes in its output.
public struct StackMeasurer {
    /// The perturbations of each state of each sample.
    private let drawCount: Int
    /// The seed of the perturbations.
    private let seed: UInt64
    /// The full width of the relative perturbation.
    private let perturbation = 0.01

    /// Creates a measurer.
    public init(drawCount: Int = 1, seed: UInt64 = 1) {
        self.drawCount = drawCount
        self.seed = seed
    }

    /// Measures a stack.
    ///
    /// - Parameters:
    ///   - stack: The stack.
    ///   - samples: The states before layer 0, per sample and stream.
    ///   - firstSample: The number of the first sample; parts of one measurement must not share numbers.
    /// - Returns: What was measured.
    /// - Throws: What a measurement refuses.
    public func measure(
        _ stack: some LayerStack,
        samples: some Sequence<[[Float]]>,
        firstSample: Int = 0
    ) throws -> StackMeasurement {
        var measurement = try StackMeasurement(shape: stack.shape, perturbation: perturbation)
        for (index, sample) in samples.enumerated() {
            var part = try StackMeasurement(shape: stack.shape, perturbation: perturbation)
            try measure(stack, sample, firstSample + index, &part)
            try measurement.merge(part)
        }
        return measurement
    }

    /// Measures one sample.
    private func measure(
        _ stack: some LayerStack,
        _ sample: [[Float]],
        _ number: Int,
        _ part: inout StackMeasurement
    ) throws {
        let shape = stack.shape
        let end = stack.run(0..<shape.layerCount, from: sample)
        var states = sample
        var done = 0
        for layer in 0...shape.layerCount {
            for (place, stream) in shape.streams(before: layer).enumerated() {
                let state = HiddenState(before: layer, stream: stream)
                try part.addMeanSquare(Self.meanSquare(states[place]), of: state)
                let losses = (0..<drawCount).map { draw in
                    var perturbed = states
                    perturb(&perturbed[place], sequence: sequence(number, done, draw))
                    let reached =
                        layer < shape.layerCount
                        ? stack.run(layer..<shape.layerCount, from: perturbed) : perturbed
                    return Self.loss(reached, end)
                }
                try part.addEndLosses(losses, of: state)
                done += 1
            }
            guard layer < shape.layerCount else { break }
            let after = stack.run(layer..<layer + 1, from: states)
            try measureCasts(stack, layer, from: states, to: after, &part)
            states = after
        }
    }

    /// Casts a layer stream by stream, and measures what that does to the stream in the layer's output.
    private func measureCasts(
        _ stack: some LayerStack,
        _ layer: Int,
        from before: [[Float]],
        to after: [[Float]],
        _ part: inout StackMeasurement
    ) throws {
        for stream in stack.shape.streams(before: layer) {
            let target = stack.shape.state(after: layer, stream: stream).stream
            guard let place = stack.shape.streams(before: layer + 1).firstIndex(of: target) else { continue }
            for format in stack.formats {
                guard let states = stack.run(layer, from: before, casting: stream, to: format) else {
                    continue
                }
                let cast = StackMeasurement.Cast(layer: layer, stream: stream, format: format)
                try part.addLoss(Self.loss([states[place]], [after[place]]), of: cast)
            }
        }
    }

    private func perturb(_ values: inout [Float], sequence: UInt64) {
        var numbers = SeededNumbers(seed: seed, sequence: sequence)
        for index in values.indices {
            values[index] *= Float(1 + (numbers.uniform() - 0.5) * perturbation)
        }
    }

    /// A number that no other sample, state and draw has.
    private func sequence(_ sample: Int, _ state: Int, _ draw: Int) -> UInt64 {
        var numbers = SeededNumbers(seed: UInt64(bitPattern: Int64(sample)), sequence: UInt64(state))
        return numbers.next() &+ UInt64(draw)
    }

    /// The mean square of values.
    private static func meanSquare(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
    }

    /// The mean square error between states of the same shape, over all values of all streams.
    private static func loss(_ states: [[Float]], _ clean: [[Float]]) -> Double {
        var sum = 0.0
        var count = 0
        for (stream, cleanStream) in zip(states, clean) {
            for (value, cleanValue) in zip(stream, cleanStream) {
                let difference = Double(value) - Double(cleanValue)
                sum += difference * difference
            }
            count += stream.count
        }
        return sum / Double(max(1, count))
    }
}
