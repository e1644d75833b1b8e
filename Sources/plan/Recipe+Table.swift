import BitAllocation
import Planning
import Recipes
import Sensitivity

extension Recipe.TableReference {
    /// Names a table with its digest and what its cells are.
    init(_ table: ImpactTable) {
        self.init(
            name: table.name,
            digest: table.digest,
            kind: table.meaning.kind.rawValue,
            unit: table.meaning.unit,
            method: table.meaning.method
        )
    }
}

extension Recipe.TableReference {
    /// The rule that combines the table's impacts where none is chosen.
    var defaultCombination: ImpactCombination {
        if (try? ImpactTable.fluxDevTable3.digest) == digest { return .sum }
        return ImpactCombination(for: ImpactKind(rawValue: kind) ?? .unknown)
    }
}

extension Recipe.Importance {
    /// Names the importance matrix that a table was made with, or nil where there was none.
    init?(_ table: ImpactTable) {
        guard let importance = table.meaning.importance else { return nil }
        self.init(name: importance.name, digest: importance.digest)
    }
}
