/// An impact table that was read, and how it was written down.
public struct ImpactTableReading: Hashable, Sendable {
    /// The table.
    public let table: ImpactTable
    /// The shape in which it was recognised.
    public let shape: ImpactTableShape
    /// Tables 1 and 2, with the ± of what was measured, where they stand in the same file.
    public let profile: SensitivityProfile?

    init(table: ImpactTable, shape: ImpactTableShape, profile: SensitivityProfile? = nil) {
        self.table = table
        self.shape = shape
        self.profile = profile
    }
}
