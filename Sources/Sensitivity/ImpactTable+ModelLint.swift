extension ImpactTable {
    /// What a person should know of the table beside a model: layers and formats that only one of them has.
    ///
    /// Layers of the table that the model does not have come first, in the table's order, then layers of the model
    /// that the table does not have, in theirs, then unknown formats; a table with
    /// ``byteCounts`` brings the sizes of its formats along and has none.
    ///
    /// - Parameters:
    ///   - modelLayers: The names of the model's layers.
    ///   - isKnownFormat: Whether a format is known, so that its size is.
    /// - Returns: The findings; none is fatal.
    public func lint(
        modelLayers: [String],
        isKnownFormat: (String) -> Bool
    ) -> [ImpactFinding] {
        let known = Set(modelLayers)
        let unknown = layers.filter { !known.contains($0) }
        let absent = modelLayers.filter { index(ofLayer: $0) == nil }
        return unknown.map { ImpactFinding(layer: $0, formats: [], kind: .unknownLayer) }
            + absent.map { ImpactFinding(layer: $0, formats: [], kind: .unmeasuredLayer) }
            + (byteCounts == nil ? formats.filter { !isKnownFormat($0) } : [])
            .map { ImpactFinding(layer: nil, formats: [$0], kind: .unknownFormat) }
    }
}
