/// An impact table that was read, and how it was written down.
public struct ImpactTableReading: Hashable, Sendable {
    /// The table.
    public let table: ImpactTable
    /// The shape in which it was recognised.
    public let shape: ImpactTableShape
}
