extension ImpactTable {
    /// The table with every layer's impacts multiplied by a factor of its own; forbidden cells stay forbidden.
    ///
    /// - Parameters:
    ///   - factors: A finite factor from 0 up per layer, in the order of ``layers``.
    ///   - name: The name of the new table.
    /// - Returns: The new table, without the findings of the old one's reader.
    /// - Throws: ``SensitivityError/unusableTable(name:problem:)`` for another number of factors than layers, and for
    ///   factors that make an impact negative or not finite.
    public func scaled(by factors: [Double], name: String) throws(SensitivityError) -> ImpactTable {
        guard factors.count == layers.count else {
            throw .unusableTable(name: name, problem: .rowCount(found: factors.count, expected: layers.count))
        }
        let scaled = zip(cells, factors).map { row, factor in
            row.map { cell in cell.impact.map { .impact($0 * factor) } ?? cell }
        }
        return try ImpactTable(
            name: name,
            formats: formats,
            layers: layers,
            cells: scaled,
            byteCounts: byteCounts,
            meaning: meaning,
            readingFindings: []
        )
    }
}
