/// How the impacts of single layers make up the impact of a plan.
///
/// An impact is an amplitude. Independent errors add in squares and errors that all point the same way add directly, so
/// which rule holds is a question about the model, and the choice is the user's.
public enum ImpactCombination: String, Hashable, Sendable, CaseIterable {
    /// The impacts add: `Σ impact`, the worst case.
    case sum
    /// The squares add: `√(Σ impact²)`, the expectation for independent errors.
    case rss
    /// The worst layer decides: `max impact`; among plans with the least maximum the least sum is chosen.
    case max

    /// The impact of a plan whose layers have these impacts.
    public func total(_ impacts: some Sequence<Double>) -> Double {
        switch self {
        case .sum:
            return CompensatedSum.of(impacts)
        case .max:
            return impacts.reduce(0, Swift.max)
        case .rss:
            // Squares of amplitudes beyond 1e±154 leave the range of a double, so the largest is divided out first.
            let largest = impacts.reduce(0, Swift.max)
            guard largest > 0 else { return 0 }
            return largest
                * CompensatedSum.of(impacts.lazy.map { ($0 / largest) * ($0 / largest) }).squareRoot()
        }
    }
}
