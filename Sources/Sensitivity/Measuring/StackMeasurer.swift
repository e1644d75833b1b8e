/// Measures Tables 1, 2 and 3 of a stack of layers.
///
/// For every sample, every state and every draw the stream's values are multiplied by `1 + (u − ½) · 0.01`, `u` uniform in
/// (0, 1) and drawn for each value, and the stack is run from there to its end. The loss at the end is the mean square
/// error against the unperturbed end, over all values of all streams there. Table 2 is the mean square of each state,
/// and Table 3 comes from the loss that casting one layer makes in its output.
///
/// Samples come one by one, and three states are held at a time. A stack of n layers is run about n / 2 times per
/// stream and draw. The random numbers follow from the seed, the number of the sample, the state and the draw alone,
/// so that samples may be measured in parts and the parts be merged.
public struct StackMeasurer: Sendable {
    /// The perturbations of each state of each sample.
    public var drawCount: Int
    /// The seed of the perturbations.
    public var seed: UInt64
    /// The full width of the relative perturbation.
    public var perturbation: Double

    /// How far the work has come.
    public struct Progress: Hashable, Sendable {
        /// The sample that is being measured, from 0.
        public var sample: Int
        /// The states of the sample that are done.
        public var statesDone: Int
        /// The states of a sample.
        public var stateCount: Int

        /// Creates a progress.
        public init(sample: Int, statesDone: Int, stateCount: Int) {
            self.sample = sample
            self.statesDone = statesDone
            self.stateCount = stateCount
        }
    }

    /// Creates a measurer.
    public init(drawCount: Int = 1, seed: UInt64 = 1, perturbation: Double = 0.01) {
        self.drawCount = drawCount
        self.seed = seed
        self.perturbation = perturbation
    }

    /// Measures Tables 1 and 2.
    ///
    /// - Parameters:
    ///   - stack: The stack.
    ///   - samples: The states before layer 0, per sample and stream; they are taken one by one.
    ///   - firstSample: The number of the first sample; parts of one measurement must not share numbers.
    ///   - progress: Called after every state; `false` ends the measurement after the last whole sample.
    /// - Returns: What was measured.
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for a stack that does not keep to its protocol, no draws, and
    ///   values that are not finite; and what the stack throws.
    public func measure<Stack: LayerStack>(
        _ stack: Stack,
        samples: some Sequence<[[Float]]>,
        firstSample: Int = 0,
        progress: (Progress) -> Bool = { _ in true }
    ) throws -> StackMeasurement {
        try measure(stack, samples, firstSample, { _, _, _, _ in }, progress)
    }

    /// Measures Tables 1, 2 and 3.
    ///
    /// - Parameters:
    ///   - stack: The stack.
    ///   - samples: The states before layer 0, per sample and stream; they are taken one by one.
    ///   - firstSample: The number of the first sample; parts of one measurement must not share numbers.
    ///   - progress: Called after every state; `false` ends the measurement after the last whole sample.
    /// - Returns: What was measured.
    /// - Throws: As ``measure(_:samples:firstSample:progress:)``.
    public func measureCasts<Stack: CastableLayerStack>(
        _ stack: Stack,
        samples: some Sequence<[[Float]]>,
        firstSample: Int = 0,
        progress: (Progress) -> Bool = { _ in true }
    ) throws -> StackMeasurement {
        let shape = stack.shape
        return try measure(
            stack,
            samples,
            firstSample,
            { measurement, layer, before, after in
                for stream in shape.streams(before: layer) {
                    let target = shape.state(after: layer, stream: stream).stream
                    guard let place = shape.streams(before: layer + 1).firstIndex(of: target) else {
                        continue
                    }
                    for format in stack.formats {
                        let cast = StackMeasurement.Cast(layer: layer, stream: stream, format: format)
                        try measurement.register(cast)
                        guard let states = try stack.run(layer, from: before, casting: stream, to: format)
                        else {
                            continue
                        }
                        try Self.check(states, like: after, "layer \(layer) cast to \(format)")
                        try measurement.addLoss(Self.loss([states[place]], [after[place]]), of: cast)
                    }
                }
            },
            progress
        )
    }

    private func measure(
        _ stack: some LayerStack,
        _ samples: some Sequence<[[Float]]>,
        _ firstSample: Int,
        _ measureCasts: (inout StackMeasurement, Int, [[Float]], [[Float]]) throws -> Void,
        _ progress: (Progress) -> Bool
    ) throws -> StackMeasurement {
        let shape = stack.shape
        var measurement = try StackMeasurement(shape: shape, perturbation: perturbation)
        guard drawCount > 0 else {
            throw SensitivityError.unusableMeasurement("there are \(drawCount) draws: ask for at least one")
        }
        var number = firstSample
        for sample in samples {
            // A sample that is not measured to its end must not count for some states only.
            var part = try StackMeasurement(shape: shape, perturbation: perturbation)
            guard try measure(stack, sample, number, &part, measureCasts, progress) else { break }
            try measurement.merge(part)
            number &+= 1
        }
        return measurement
    }

    /// Measures one sample; false if it was stopped.
    private func measure(
        _ stack: some LayerStack,
        _ sample: [[Float]],
        _ number: Int,
        _ part: inout StackMeasurement,
        _ measureCasts: (inout StackMeasurement, Int, [[Float]], [[Float]]) throws -> Void,
        _ progress: (Progress) -> Bool
    ) throws -> Bool {
        let shape = stack.shape
        let stateCount = shape.states.count
        guard sample.count == shape.streams(before: 0).count, sample.allSatisfy({ !$0.isEmpty }) else {
            throw SensitivityError.unusableMeasurement(
                "sample \(number) has \(sample.count) streams: give values for each of the stack's "
                    + "\(shape.streams(before: 0).count)"
            )
        }
        let end = try stack.run(0..<shape.layerCount, from: sample)
        guard end.count == shape.streams(before: shape.layerCount).count, end.allSatisfy({ !$0.isEmpty }),
            end.allSatisfy({ $0.allSatisfy(\.isFinite) })
        else {
            throw SensitivityError.unusableMeasurement(
                "the end of sample \(number) is not a finite state of the stack: correct the stack"
            )
        }
        var states = sample
        var done = 0
        for layer in 0...shape.layerCount {
            for (place, stream) in shape.streams(before: layer).enumerated() {
                let state = HiddenState(before: layer, stream: stream)
                try part.addMeanSquare(Self.meanSquare(states[place]), of: state)
                var losses: [Double] = []
                for draw in 0..<drawCount {
                    var perturbed = states
                    var numbers = SeededNumbers(seed: seed, sequence: sequence(number, done, draw))
                    for index in perturbed[place].indices {
                        perturbed[place][index] *= Float(1 + (numbers.uniform() - 0.5) * perturbation)
                    }
                    let reached =
                        layer < shape.layerCount
                        ? try stack.run(layer..<shape.layerCount, from: perturbed) : perturbed
                    try Self.check(reached, like: end, "the end after perturbing \(state)")
                    losses.append(Self.loss(reached, end))
                }
                try part.addEndLosses(losses, of: state)
                done += 1
                guard progress(Progress(sample: number, statesDone: done, stateCount: stateCount)) else {
                    return false
                }
            }
            guard layer < shape.layerCount else { break }
            let after = try stack.run(layer..<layer + 1, from: states)
            guard after.count == shape.streams(before: layer + 1).count, after.allSatisfy({ !$0.isEmpty })
            else {
                throw SensitivityError.unusableMeasurement(
                    "layer \(layer) gives \(after.count) streams: it must give "
                        + "\(shape.streams(before: layer + 1).count), none of them empty"
                )
            }
            try measureCasts(&part, layer, states, after)
            states = after
        }
        return true
    }

    private func sequence(_ sample: Int, _ state: Int, _ draw: Int) -> UInt64 {
        var numbers = SeededNumbers(seed: UInt64(bitPattern: Int64(sample)), sequence: UInt64(state))
        return numbers.next() &+ UInt64(draw)
    }

    private static func check(_ states: [[Float]], like clean: [[Float]], _ what: String) throws {
        guard states.map(\.count) == clean.map(\.count) else {
            throw SensitivityError.unusableMeasurement(
                "\(what) has other numbers of values than without: correct the stack"
            )
        }
    }

    /// The mean square of values.
    static func meanSquare(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
    }

    /// The mean square error between states of the same shape, over all values of all streams.
    static func loss(_ states: [[Float]], _ clean: [[Float]]) -> Double {
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
