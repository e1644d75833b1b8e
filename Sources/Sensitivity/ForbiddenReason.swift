/// Why an impact table forbids a format for a layer.
public enum ForbiddenReason: Hashable, Sendable, CaseIterable {
    /// The cell is `inf`: the cast was measured and ruins the output.
    case infinite
    /// The cell is blank, or missing: nothing is known of the cast.
    case blank
}
