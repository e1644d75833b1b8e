import BitAllocation

/// The values that a figure took over the draws of a study.
public struct SampleDistribution: Hashable, Sendable {
    /// The values in ascending order.
    public let sorted: [Double]
    /// Their mean; 0 for no values.
    public let mean: Double
    /// Their standard deviation, with n − 1 in the denominator; 0 for fewer than two values.
    public let standardDeviation: Double

    /// Takes the values of a figure.
    public init(_ values: [Double]) {
        sorted = values.sorted()
        guard !values.isEmpty else {
            mean = 0
            standardDeviation = 0
            return
        }
        let mean = CompensatedSum.of(values) / Double(values.count)
        let squares = CompensatedSum.of(values.lazy.map { ($0 - mean) * ($0 - mean) })
        self.mean = mean
        standardDeviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
    }

    /// The value that a share of the values do not exceed, between neighbouring values in proportion.
    ///
    /// - Parameter share: A number from 0 to 1; what lies outside counts as the nearer end.
    /// - Returns: The quantile (definition 7 of Hyndman and Fan 1996); 0 for no values.
    public func quantile(_ share: Double) -> Double {
        guard let first = sorted.first, let last = sorted.last else { return 0 }
        guard share > 0 else { return first }
        guard share < 1 else { return last }
        let position = share * Double(sorted.count - 1)
        let index = min(Int(position), sorted.count - 2)
        guard index >= 0 else { return first }
        let part = position - Double(index)
        return sorted[index] + (sorted[index + 1] - sorted[index]) * part
    }
}
