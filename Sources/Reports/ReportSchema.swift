/// The JSON Schemas of what commands print as JSON.
///
/// Within one `$id`, members may be added and none is taken away or changed: a reader passes over what it does not know.
public enum ReportSchema: String, CaseIterable, Hashable, Sendable {
    /// Plans within several budgets.
    case compare
    /// Every best plan, and plans from elsewhere.
    case frontier
    /// Why a layer takes its format.
    case explain
    /// What differs from a recipe.
    case check

    /// The schema, as JSON that ends with a newline.
    public var text: String {
        let bytes =
            switch self {
            case .compare: PackageResources.compare_v1_schema_json
            case .frontier: PackageResources.frontier_v1_schema_json
            case .explain: PackageResources.explain_v1_schema_json
            case .check: PackageResources.check_v1_schema_json
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}
