/// Mean and spread of values that come one by one and are not kept.
///
/// Welford's update (Welford, Note on a method for calculating corrected sums of squares and products, 1962); two are
/// merged as by Chan, Golub and LeVeque (Updating formulae and a pairwise algorithm for computing sample variances, 1979).
public struct RunningMoments: Hashable, Sendable {
    /// The number of values.
    public private(set) var count = 0
    /// Their mean, 0 for none.
    public private(set) var mean = 0.0
    /// The sum of their squared distances from the mean.
    public private(set) var squares = 0.0

    /// Creates the moments of no values.
    public init() {}

    /// Creates moments that were written down; nil unless they are those of finite values.
    init?(count: Int, mean: Double, squares: Double) {
        guard count >= 0, mean.isFinite, squares.isFinite, squares >= 0,
            count > 0 || (mean == 0 && squares == 0)
        else { return nil }
        self.count = count
        self.mean = mean
        self.squares = squares
    }

    /// Adds a value.
    public mutating func add(_ value: Double) {
        count += 1
        let distance = value - mean
        mean += distance / Double(count)
        squares += distance * (value - mean)
    }

    /// Adds all values of other moments.
    public mutating func merge(_ other: RunningMoments) {
        guard other.count > 0 else { return }
        guard count > 0 else {
            self = other
            return
        }
        // Counts beyond 2^53 are out of reach of anything that adds values one by one.
        let (sum, overflow) = count.addingReportingOverflow(other.count)
        let total = overflow ? Int.max : sum
        let distance = other.mean - mean
        let share = Double(other.count) / Double(total)
        mean += distance * share
        squares += other.squares + distance * distance * Double(count) * share
        count = total
    }

    /// The standard deviation, with n − 1 in the denominator; 0 for fewer than two values.
    public var standardDeviation: Double {
        count > 1 ? (squares / Double(count - 1)).squareRoot() : 0
    }

    /// The standard error of the mean; 0 for fewer than two values.
    public var standardError: Double {
        count > 1 ? standardDeviation / Double(count).squareRoot() : 0
    }

    /// Whether nothing ran over.
    var isFinite: Bool { mean.isFinite && squares.isFinite }
}
