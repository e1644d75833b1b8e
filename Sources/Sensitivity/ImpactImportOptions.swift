/// What a table from elsewhere leaves out and a caller must add.
public struct ImpactImportOptions: Hashable, Sendable {
    /// The format of fewer bits, for sources that compare two formats without naming them.
    public var lowFormat: String?
    /// The format of more bits, for sources that compare two formats without naming them.
    public var highFormat: String?
    /// The number of weights of each layer, for sources whose numbers are per weight or whose sizes are whole.
    public var parameterCounts: [String: Int]

    /// Creates options.
    public init(
        lowFormat: String? = nil,
        highFormat: String? = nil,
        parameterCounts: [String: Int] = [:]
    ) {
        self.lowFormat = lowFormat
        self.highFormat = highFormat
        self.parameterCounts = parameterCounts
    }
}
