import BitAllocation
import Foundation

extension AdditivityStudy {
    /// Fits the measured losses of several recipes.
    ///
    /// - Parameters:
    ///   - impacts: The impacts of the layers, per recipe; finite, not negative, and not all zero.
    ///   - losses: The measured loss per recipe, a positive finite number.
    ///   - power: The power `q`; `nil` to fit it as well.
    /// - Throws: `PlanningError.unusableLosses(_:)` for fewer recipes than there are unknowns and one more, recipes that
    ///   all have the same impacts, values that are out of range, and losses that do not grow with the impacts.
    public init(impacts: [[Double]], losses: [Double], power: Double? = nil) throws(PlanningError) {
        let unknowns = power == nil ? 3 : 2
        let data = try FitData(impacts: impacts, losses: losses, power: power, unknowns: unknowns)
        let sum = data.fit(1)
        let rss = data.fit(2)
        let max = data.fit(.infinity)
        let (fits, least) = Self.search(data)
        var best = [sum, rss, max].min { $0.squares < $1.squares } ?? sum
        for candidate in least where candidate.squares < best.squares { best = candidate }
        guard best.power > 0 else {
            throw .unusableLosses(
                "the losses do not grow with the impacts under any rule; check that each loss stands beside its recipe"
            )
        }
        let threshold = Self.threshold(above: best, of: data, freedom: losses.count - unknowns)
        self.init(
            rules: [.sum: sum, .rss: rss, .max: max],
            best: best,
            interval: Self.interval(
                around: best,
                among: (fits + [sum, rss, max, best]).sorted { $0.exponent < $1.exponent },
                of: data,
                threshold: threshold
            ),
            explainedShare: 1 - best.squares / data.spread,
            threshold: threshold
        )
    }

    /// Fits every exponent of the grid, and looks between those beside the best of them.
    ///
    /// - Returns: The fits of the grid, and the two that may be best: the least of the grid, and what is between its neighbours.
    private static func search(_ data: FitData) -> (grid: [Fit], least: [Fit]) {
        let grid = grid
        let fits = grid.map { data.fit($0) }
        var place = 0
        for index in fits.indices where fits[index].squares < fits[place].squares { place = index }
        let refined = data.minimum(
            between: grid[Swift.max(0, place - 1)],
            and: grid[Swift.min(grid.count - 1, place + 1)]
        )
        return (fits, [fits[place], refined])
    }

    /// The squares that exceed the least by no more than chance explains: the F test for one parameter.
    private static func threshold(above best: Fit, of data: FitData, freedom: Int) -> Double {
        let quantile = studentQuantile(freedom: freedom)
        // Where the fit is exact, rounding must not decide.
        let noise = Swift.max(best.squares, 1e-18 * data.spread)
        return noise * (1 + quantile * quantile / Double(freedom))
    }

    /// The exponents whose squares are at most the threshold, from the least to the greatest.
    ///
    /// - Parameters:
    ///   - best: The best fit.
    ///   - all: The fits of the exponents that were tried, in their order.
    ///   - data: What was fitted.
    ///   - threshold: The threshold.
    /// - Returns: The exponents, as far as the edges between one that was tried and the next.
    private static func interval(
        around best: Fit,
        among all: [Fit],
        of data: FitData,
        threshold: Double
    ) -> ClosedRange<Double> {
        let isPlausible = { (fit: Fit) in fit.squares <= threshold }
        var (low, high) = (best.exponent, best.exponent)
        if let first = all.firstIndex(where: isPlausible) {
            low = all[first].exponent
            if first > 0 { low = data.edge(from: low, to: all[first - 1].exponent, threshold: threshold) }
        }
        if let last = all.lastIndex(where: isPlausible) {
            high = all[last].exponent
            if last + 1 < all.count, all[last + 1].exponent.isFinite {
                high = data.edge(from: high, to: all[last + 1].exponent, threshold: threshold)
            }
        }
        return low...Swift.max(low, high)
    }

    /// Exponents in equal ratios.
    private static var grid: [Double] {
        let count = 160
        let step = log(largestExponent / smallestExponent) / Double(count)
        return (0...count).map { smallestExponent * exp(Double($0) * step) }
    }

    /// The 97.5 % quantile of Student's distribution.
    private static func studentQuantile(freedom: Int) -> Double {
        let table = [
            12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
            2.131,
            2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045,
            2.042,
        ]
        guard freedom > table.count else { return table[Swift.max(0, freedom - 1)] }
        // The first term of the expansion in 1 / freedom, good to 0.001 here.
        let normal = 1.95996
        return normal + (normal * normal * normal + normal) / Double(4 * freedom)
    }
}
