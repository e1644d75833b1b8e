public import BitAllocation
public import Sensitivity

extension ImpactCombination {
    /// The rule for cells of a kind: independent amplitudes add in squares, losses as they are.
    ///
    /// Cells of unknown kind are added too, which no independent errors exceed.
    public init(for kind: ImpactKind) {
        switch kind {
        case .amplitude: self = .rss
        case .loss, .unknown: self = .sum
        }
    }
}

extension ImpactTable {
    /// Whether the cells are those of Table 3 of FLUX.1-dev, however they were written down.
    public var isTableThree: Bool {
        // Digests are of all cells, so tables of another size are told by that.
        guard let own = try? ImpactTable.fluxDevTable3, own.layers.count == layers.count else { return false }
        return own.digest == digest
    }

    /// The rule that combines the table's impacts where none is chosen: that of their kind, and for Table 3 of FLUX.1-dev
    /// `sum`, as its author adds them.
    public var defaultCombination: ImpactCombination {
        isTableThree ? .sum : ImpactCombination(for: meaning.kind)
    }
}
