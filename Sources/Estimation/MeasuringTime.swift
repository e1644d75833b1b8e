import Quantization
public import Tensors

/// How long measuring a model's weights takes on this machine, tried out on a few rows before it begins.
///
/// Casting is nearly all of the work, and how long a format takes differs by a factor of a hundred from one to the next; so every
/// format casts the same drawn rows once, which takes a fraction of a second.
public struct MeasuringTime: Hashable, Sendable {
    /// The seconds that one core takes for a weight, in all formats together.
    public let secondsPerWeight: Double

    /// The weights that are tried: whole blocks of every format, few enough to take no time and enough to be told from a clock's tick.
    private static let trialCount = 4096

    /// Tries formats out.
    ///
    /// - Parameters:
    ///   - formats: The formats.
    ///   - hasImportance: Whether the encoders will be told what inputs count, with which they search for longer.
    public init(_ formats: [QuantizationFormat], hasImportance: Bool) {
        let row = Self.drawnRow()
        let importance = [Float](repeating: 1, count: row.count)
        var seconds = 0.0
        for format in formats {
            guard let codec = TensorCodec(format, peak: 0.08) else { continue }
            // The first time reads tables in, and is not counted.
            var least = Double.infinity
            for _ in 0..<3 {
                let elapsed = ContinuousClock().measure {
                    _ = try? codec.squaredErrors(
                        of: row.span,
                        importance: hasImportance ? importance.span : nil,
                        weights: nil
                    )
                }
                least = min(least, elapsed / .seconds(1))
            }
            seconds += least
        }
        secondsPerWeight = seconds / Double(row.count)
    }

    /// The seconds that a number of weights takes.
    ///
    /// - Parameters:
    ///   - weightCount: The weights that are cast.
    ///   - coreCount: The cores that work at it side by side.
    /// - Returns: The seconds.
    public func seconds(weightCount: Double, coreCount: Int) -> Double {
        weightCount * secondsPerWeight / Double(max(1, coreCount))
    }

    /// Weights that look like a trained matrix's: sums of uniform numbers of a linear congruential generator.
    private static func drawnRow() -> [Float] {
        var state: UInt32 = 1
        return (0..<trialCount).map { _ in
            var sum: Float = -2
            for _ in 0..<4 {
                state = state &* 1_664_525 &+ 1_013_904_223
                sum += Float(state >> 8) / Float(1 << 24)
            }
            return sum * 0.02
        }
    }
}
