/// A measured value with its spread.
///
/// A cell of Table 1, `33.0890 +/- 3.7874`. The page does not say what the spread is (a standard deviation
/// or a standard error). The impacts of a table are computed from the mean alone; where plans are asked how far they
/// hold, the spread is taken for the standard deviation of what the mean could have come out as. If it is the
/// standard deviation of single measurements, that asks too much of a plan rather than too little.
public struct Measurement: Hashable, Sendable {
    /// The measured value.
    public let mean: Double
    /// The plus-minus spread, in the unit of the value.
    public let spread: Double

    /// Creates a measurement.
    public init(mean: Double, spread: Double) {
        self.mean = mean
        self.spread = spread
    }
}
