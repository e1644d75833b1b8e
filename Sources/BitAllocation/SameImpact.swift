/// When two impacts count as one.
///
/// Sums of the same numbers in another order differ in their last digits, and a proof that stops at a share of an impact does not
/// tell smaller differences apart. So one share decides everywhere: whether a plan is proven, which plans are as good as the
/// best, of which the smallest file is taken, and which plans are rows of a frontier.
public enum SameImpact {
    /// The share of an impact by which another one may exceed it and still count as the same.
    public static let tolerance = 1e-9

    /// The greatest impact that counts as the same as a given one.
    public static func limit(_ impact: Double) -> Double {
        impact * (1 + tolerance)
    }

    /// Whether an impact is as good as another one: less, or the same.
    public static func isAsGood(_ impact: Double, as other: Double) -> Bool {
        impact <= limit(other)
    }
}
