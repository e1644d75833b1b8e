import BitAllocation
import Foundation

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
struct FitData {
    private let recipes: [RecipeImpacts]
    private let losses: [Double]
    private let power: Double?

    /// Checks what is to be fitted.
    ///
    /// - Parameters:
    ///   - impacts: The impacts of the layers, per recipe.
    ///   - losses: The measured loss per recipe.
    ///   - power: The power of the loss; `nil` to fit it as well.
    ///   - unknowns: How many numbers are fitted.
    /// - Throws: `PlanningError.unusableLosses(_:)`, as ``AdditivityStudy/init(impacts:losses:power:)`` says.
    init(impacts: [[Double]], losses: [Double], power: Double?, unknowns: Int) throws(PlanningError) {
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
        recipes = try impacts.map { impacts throws(PlanningError) in try RecipeImpacts(impacts) }
        self.losses = losses.map(log)
        self.power = power
        guard spread > 0 else {
            throw .unusableLosses(
                "all losses are the same, which any rule explains; measure recipes that differ more"
            )
        }
    }

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
