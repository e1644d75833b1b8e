public import BitAllocation
import Foundation

/// How the impacts of layers make up the loss of a whole model, judged by losses that were measured.
///
/// The model is `loss = a · C_p^q`, with `C_p = (Σ impact^p)^(1/p)` over the layers of a recipe. `p` = 1 is
/// `ImpactCombination.sum`, 2 is `rss`, and without end `max`. `a` turns impacts into losses, and `q` says how a
/// loss grows with an amplitude: 1 where the loss is an amplitude too, 2 where it is a mean square. Both are fitted, as
/// neither matters to which plan is best; `q` may be given instead.
///
/// The fit is by least squares of the logarithms, as losses differ by orders of magnitude and are off by a share of
/// themselves rather than by an amount. For a given `p` it is a straight line; `p` is searched from
/// ``smallestExponent`` to ``largestExponent``.
public struct AdditivityStudy: Hashable, Sendable {
    /// The smallest exponent that is tried.
    public static let smallestExponent = 0.25
    /// The largest exponent that is tried; beyond it `C_p` hardly differs from the largest impact.
    public static let largestExponent = 64.0

    /// A line through the logarithms for one way of combining.
    public struct Fit: Hashable, Sendable {
        /// The exponent `p`; infinite for the largest impact alone.
        public let exponent: Double
        /// The factor `a`.
        public let scale: Double
        /// The power `q`.
        public let power: Double
        /// The sum of the squared distances of the losses' logarithms from the line.
        public let squares: Double
        /// How far a loss is off as a rule, relative to itself: `exp(s) − 1`, `s` being the standard deviation around the
        /// line.
        public let typicalError: Double
        /// The combined impact of each recipe.
        public let combined: [Double]

        /// The loss that the fit predicts for a recipe.
        public func loss(ofRecipe index: Int) -> Double {
            scale * pow(combined[index], power)
        }
    }

    /// The fit of each rule, in the order of `ImpactCombination.allCases`.
    public let rules: [ImpactCombination: Fit]
    /// The fit with the exponent that explains the losses best, which may be that of `max`.
    public let best: Fit
    /// The exponents that the losses do not speak against at 95 %, from the least to the greatest; infinite at the end
    /// where `max` is among them.
    public let interval: ClosedRange<Double>
    /// The share of the spread of the losses' logarithms that the best fit explains.
    public let explainedShare: Double
    let threshold: Double

    /// The rule whose fit has the least squares; of equal ones the first in `ImpactCombination.allCases`.
    public var bestRule: ImpactCombination {
        ImpactCombination.allCases.min { squares(of: $0) < squares(of: $1) } ?? .sum
    }

    /// Whether the losses do not speak against a rule at 95 %.
    public func isPlausible(_ rule: ImpactCombination) -> Bool {
        squares(of: rule) <= threshold
    }

    private func squares(of rule: ImpactCombination) -> Double {
        rules[rule]?.squares ?? .infinity
    }

    init(
        rules: [ImpactCombination: Fit],
        best: Fit,
        interval: ClosedRange<Double>,
        explainedShare: Double,
        threshold: Double
    ) {
        self.rules = rules
        self.best = best
        self.interval = interval
        self.explainedShare = explainedShare
        self.threshold = threshold
    }
}
