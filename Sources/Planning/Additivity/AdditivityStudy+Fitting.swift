import BitAllocation
import Foundation

extension AdditivityStudy {
    /// Fits the measured losses of several recipes.
    ///
    /// - Parameters:
    ///   - impacts: The impacts of the layers, per recipe; finite, not negative, and not all zero.
    ///   - losses: The measured loss per recipe, a positive finite number.
    ///   - power: The power `q`; `nil` to fit it as well.
    /// - Throws: `AllocationError.unusableLosses(_:)` for fewer recipes than there are unknowns and one more, recipes that
    ///   all have the same impacts, values that are out of range, and losses that do not grow with the impacts.
    public init(impacts: [[Double]], losses: [Double], power: Double? = nil) throws(PlanningError) {
        let unknowns = power == nil ? 3 : 2
        guard impacts.count == losses.count else {
            throw .unusableLosses(
                "there are \(losses.count) losses for \(impacts.count) recipes; give one for each"
            )
        }
        guard losses.count > unknowns else {
            throw .unusableLosses(
                "\(losses.count == 1 ? "1 recipe is" : "\(losses.count) recipes are") too few to fit \(unknowns) unknowns; measure at least \(unknowns + 1)"
                    + (power == nil ? ", or give the power of the loss" : "")
            )
        }
        if let power {
            guard power > 0, power <= 100 else {
                throw .unusableLosses(
                    "the power of the loss is \(power); give a number above 0 and up to 100"
                )
            }
        }
        for loss in losses {
            guard loss > 0, loss.isFinite else {
                throw .unusableLosses("a loss is \(loss); give positive finite numbers")
            }
        }
        let recipes = try impacts.map { impacts throws(PlanningError) in try RecipeImpacts(impacts) }
        let data = FitData(recipes: recipes, losses: losses.map(log), power: power)
        guard data.spread > 0 else {
            throw .unusableLosses(
                "all losses are the same, which any rule explains; measure recipes that differ more"
            )
        }

        let sum = data.fit(1)
        let rss = data.fit(2)
        let max = data.fit(.infinity)
        var best = [sum, rss, max].min { $0.squares < $1.squares } ?? sum
        let grid = Self.grid
        var place = 0
        var fits: [Fit] = []
        for (index, exponent) in grid.enumerated() {
            let fit = data.fit(exponent)
            fits.append(fit)
            if fit.squares < fits[place].squares { place = index }
        }
        let refined = data.minimum(
            between: grid[Swift.max(0, place - 1)],
            and: grid[Swift.min(grid.count - 1, place + 1)]
        )
        for candidate in [fits[place], refined] where candidate.squares < best.squares {
            best = candidate
        }
        guard best.power > 0 else {
            throw .unusableLosses(
                "the losses do not grow with the impacts under any rule; check that each loss stands beside its recipe"
            )
        }

        // Exponents whose squares exceed the least by no more than chance explains: the F test for one parameter.
        let freedom = losses.count - unknowns
        let quantile = Self.studentQuantile(freedom: freedom)
        // Where the fit is exact, rounding must not decide.
        let noise = Swift.max(best.squares, 1e-18 * data.spread)
        let threshold = noise * (1 + quantile * quantile / Double(freedom))
        let all = (fits + [sum, rss, max, best]).sorted { $0.exponent < $1.exponent }
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
        self.init(
            rules: [.sum: sum, .rss: rss, .max: max],
            best: best,
            interval: low...Swift.max(low, high),
            explainedShare: 1 - best.squares / data.spread,
            threshold: threshold
        )
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

/// The impacts of a recipe, as logarithms relative to the largest.
private struct RecipeImpacts {
    let largest: Double
    /// The logarithms of the impacts that are not zero, relative to the largest.
    let logarithms: [Double]

    init(_ impacts: [Double]) throws(PlanningError) {
        for impact in impacts {
            guard impact >= 0, impact.isFinite else {
                throw .unusableLosses("an impact is \(impact); give finite numbers that are not negative")
            }
        }
        let largest = impacts.reduce(0, max)
        guard largest > 0 else {
            throw .unusableLosses(
                "a recipe has no impact at all, so no rule says anything of its loss; leave it out"
            )
        }
        self.largest = largest
        logarithms = impacts.filter { $0 > 0 }.map { log($0) - log(largest) }
    }

    /// The logarithm of the combined impact.
    func combined(_ exponent: Double) -> Double {
        guard exponent.isFinite else { return log(largest) }
        let sum = CompensatedSum.of(logarithms.lazy.map { exp(exponent * $0) })
        return log(largest) + log(sum) / exponent
    }
}

/// Recipes and the logarithms of their losses.
private struct FitData {
    let recipes: [RecipeImpacts]
    let losses: [Double]
    let power: Double?

    private var mean: Double { CompensatedSum.of(losses) / Double(losses.count) }

    /// The squares of the losses' logarithms around their mean.
    var spread: Double {
        let mean = mean
        return CompensatedSum.of(losses.lazy.map { ($0 - mean) * ($0 - mean) })
    }

    func fit(_ exponent: Double) -> AdditivityStudy.Fit {
        let combined = recipes.map { $0.combined(exponent) }
        let count = Double(losses.count)
        let lossMean = mean
        let combinedMean = CompensatedSum.of(combined) / count
        var slope = power ?? 0
        if power == nil {
            let variance = CompensatedSum.of(combined.lazy.map { ($0 - combinedMean) * ($0 - combinedMean) })
            let covariance = CompensatedSum.of(
                zip(combined, losses).lazy.map { ($0 - combinedMean) * ($1 - lossMean) }
            )
            // A loss that falls where impacts grow is explained by no rule.
            slope = variance > 1e-24 ? max(0, covariance / variance) : 0
        }
        let squares = CompensatedSum.of(
            zip(combined, losses).lazy.map { combined, loss in
                let distance = (loss - lossMean) - slope * (combined - combinedMean)
                return distance * distance
            }
        )
        let freedom = max(1, count - (power == nil ? 2 : 1))
        return AdditivityStudy.Fit(
            exponent: exponent,
            scale: exp(lossMean - slope * combinedMean),
            power: slope,
            squares: squares,
            typicalError: exp((squares / freedom).squareRoot()) - 1,
            combined: combined.map(exp)
        )
    }

    /// The exponent up to which squares are at most a threshold, by halving.
    ///
    /// - Parameters:
    ///   - inside: An exponent whose squares are.
    ///   - outside: One whose squares are not.
    ///   - threshold: The threshold.
    /// - Returns: The exponent.
    func edge(from inside: Double, to outside: Double, threshold: Double) -> Double {
        var (near, far) = (log(inside), log(outside))
        for _ in 0..<30 {
            let middle = (near + far) / 2
            if fit(exp(middle)).squares <= threshold { near = middle } else { far = middle }
        }
        return exp(near)
    }

    /// The best fit between two exponents, by golden section over their logarithms.
    func minimum(between low: Double, and high: Double) -> AdditivityStudy.Fit {
        let ratio = 0.618_033_988_749_894_9
        var (left, right) = (log(low), log(high))
        var best = fit(low)
        for _ in 0..<60 {
            let first = fit(exp(right - ratio * (right - left)))
            let second = fit(exp(left + ratio * (right - left)))
            if first.squares < second.squares {
                right -= (1 - ratio) * (right - left)
            } else {
                left += (1 - ratio) * (right - left)
            }
            for candidate in [first, second] where candidate.squares < best.squares { best = candidate }
        }
        return best
    }
}
