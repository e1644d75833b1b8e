/// A cell of an impact table: what casting one layer to one format costs.
public enum ImpactCell: Hashable, Sendable, CustomStringConvertible {
    /// The impact, a finite number that is not negative.
    case impact(Double)
    /// The layer must not take the format; never the same as an impact of zero.
    case forbidden(ForbiddenReason)

    /// The impact, or nil where the format is forbidden.
    public var impact: Double? {
        switch self {
        case .impact(let value): value
        case .forbidden: nil
        }
    }

    /// The value as a table writes it.
    public var description: String {
        switch self {
        case .impact(let value): "\(value)"
        case .forbidden(.infinite): "inf"
        case .forbidden(.blank): "blank"
        }
    }
}
