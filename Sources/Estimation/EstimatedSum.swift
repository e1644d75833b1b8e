import Sensitivity

/// A sum over all rows of a tensor, estimated from some of them.
public struct EstimatedSum: Hashable, Sendable {
    /// The estimate; the sum itself where every row was measured.
    public let value: Double

    /// Its standard error; 0 where every row was measured.
    public let standardError: Double

    /// Creates an estimate.
    public init(value: Double, standardError: Double) {
        self.value = value
        self.standardError = standardError
    }

    /// Estimates the sum over a population from values drawn without replacement.
    ///
    /// With n of N values, mean m and standard deviation s, the sum is N·m and its standard error
    /// N · s/√n · √(1 − n/N), the last factor being the correction for a finite population (Cochran, Sampling Techniques,
    /// 1977, section 2.6).
    init(_ moments: RunningMoments, of populationCount: Int) {
        let (count, population) = (Double(moments.count), Double(populationCount))
        value = population * moments.mean
        standardError =
            moments.count < populationCount
            ? population * moments.standardError * (1 - count / population).squareRoot() : 0
    }
}
