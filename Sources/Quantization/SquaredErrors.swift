/// The squared errors that casting a row makes, summed in 64 bits.
public struct SquaredErrors: Hashable, Sendable {
    /// `Σ_j (row[j] − cast[j])²`; infinite if a cast element is not finite.
    public let plain: Double

    /// `Σ_j weights[j] · (row[j] − cast[j])²`, the same as ``plain`` without weights; infinite if a cast element is not finite.
    public let weighted: Double

    /// Creates errors; what is not a number becomes infinite.
    init(plain: Double, weighted: Double) {
        self.plain = plain.isFinite ? plain : .infinity
        self.weighted = plain.isFinite && weighted.isFinite ? weighted : .infinity
    }
}
