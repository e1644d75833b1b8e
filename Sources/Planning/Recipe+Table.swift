public import BitAllocation
public import Recipes
public import Sensitivity

extension Recipe.TableReference {
    /// Names a table with its digest and what its cells are.
    public init(_ table: ImpactTable) {
        self.init(
            name: table.name,
            digest: table.digest,
            kind: Kind(table.meaning.kind),
            unit: table.meaning.unit,
            method: table.meaning.method,
            encoderImportance: table.meaning.importance.flatMap { $0.isFile ? nil : $0.name },
            gradients: table.meaning.gradients.map { Recipe.Importance(name: $0.name, digest: $0.digest) },
            uncertainty: table.meaning.uncertainty
        )
    }

    /// The rule that combines the table's impacts where none is chosen.
    public var defaultCombination: ImpactCombination {
        if (try? ImpactTable.fluxDevTable3.digest) == digest { return .sum }
        return ImpactCombination(for: ImpactKind(kind))
    }
}

extension Recipe.TableReference.Kind {
    /// What cells are, as a recipe names it.
    public init(_ kind: ImpactKind) {
        switch kind {
        case .amplitude: self = .amplitude
        case .loss: self = .loss
        case .unknown: self = .unknown
        }
    }
}

extension ImpactKind {
    /// What a recipe says that its table's cells are.
    public init(_ kind: Recipe.TableReference.Kind) {
        switch kind {
        case .amplitude: self = .amplitude
        case .loss: self = .loss
        case .unknown: self = .unknown
        }
    }
}

extension Recipe.Importance {
    /// Names the importance matrix that a table was made with, or nil where there was none.
    public init?(_ table: ImpactTable) {
        guard let importance = table.meaning.importance, importance.isFile else { return nil }
        self.init(name: importance.name, digest: importance.digest, filled: importance.filled)
    }
}
