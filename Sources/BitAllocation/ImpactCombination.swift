/// How the impacts of single layers make up the impact of a plan.
///
/// Which rule holds depends on what impacts are. Of amplitudes, the sizes of errors, independent ones add in squares and those
/// that all point the same way directly; losses at the end of a model add, as they grow as amplitudes squared.
public enum ImpactCombination: String, Hashable, Sendable, CaseIterable {
    /// The impacts add: `Σ impact`, for losses; for amplitudes the worst case.
    case sum
    /// The squares add: `√(Σ impact²)`, for amplitudes of independent errors.
    case rss
    /// The worst layer decides: `max impact`; of the smallest files with the least maximum the
    /// one with the least sum is chosen.
    case max

    /// The impact of a plan whose layers have these impacts.
    ///
    /// The terms are added one after the other in the layers' order, so that anyone who adds a recipe's impacts with a
    /// plain loop gets the same digits.
    public func total(_ impacts: some Sequence<Double>) -> Double {
        switch self {
        case .sum:
            return impacts.reduce(0, +)
        case .max:
            return impacts.reduce(0, Swift.max)
        case .rss:
            // Squares of amplitudes beyond 1e±154 leave the range of a double; there the largest is divided out.
            let largest = impacts.reduce(0, Swift.max)
            guard largest > 0 else { return 0 }
            guard largest < 1e-140 || largest > 1e140 else {
                return impacts.reduce(0) { $0 + $1 * $1 }.squareRoot()
            }
            return largest * impacts.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
        }
    }
}
