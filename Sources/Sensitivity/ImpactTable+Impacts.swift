extension ImpactTable {
    /// The table with other impacts; forbidden cells stay forbidden.
    ///
    /// - Parameters:
    ///   - name: The name of the new table.
    ///   - impact: What becomes of a layer's impact in a format, a finite number from 0 up.
    /// - Returns: The new table, without standard errors and without the findings of the old one's reader.
    /// - Throws: ``SensitivityError/unusableTable(name:problem:)`` for an impact that is negative or not finite.
    public func replacingImpacts(
        name: String,
        _ impact: (_ layer: String, _ format: String, _ impact: Double) -> Double
    ) throws(SensitivityError) -> ImpactTable {
        try ImpactTable(
            name: name,
            formats: formats,
            layers: layers,
            cells: zip(layers, cells).map { layer, row in
                zip(formats, row).map { format, cell in
                    cell.impact.map { .impact(impact(layer, format, $0)) } ?? cell
                }
            },
            byteCounts: byteCounts,
            meaning: meaning,
            readingFindings: []
        )
    }
}
