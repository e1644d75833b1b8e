import Recipes
import Sensitivity

extension Recipe {
    /// What the recipe says of its table otherwise than the table itself.
    ///
    /// A table's name is its file's, which may have another name by now, and is not looked at. A recipe that says nothing of its
    /// table but name and digest, as version 1 of the format allows, is held against nothing.
    ///
    /// - Parameter table: The table.
    /// - Returns: The differences; none where the table is another than the recipe's, whose digest says so.
    func tableDifferences(_ table: ImpactTable) -> [RecipeDifference] {
        guard table.digest == impacts.digest else { return [] }
        let bare = TableReference(name: impacts.name, digest: impacts.digest)
        guard impacts != bare || importance != nil else { return [] }
        let found = TableReference(table)
        let figures: [(name: String, planned: String?, found: String?)] = [
            ("kind", impacts.kind.rawValue, found.kind.rawValue),
            ("unit", impacts.unit, found.unit),
            ("method", impacts.method, found.method),
            ("encoderImportance", impacts.encoderImportance, found.encoderImportance),
            ("gradients", impacts.gradients.map(\.summary), found.gradients.map(\.summary)),
            // Recipes of earlier versions do not have it.
            (
                "uncertainty", impacts.uncertainty.map { "\($0)" },
                impacts.uncertainty.flatMap { _ in found.uncertainty.map { "\($0)" } }
            ),
            ("importance", importance.map(\.summary), Importance(table).map(\.summary)),
        ]
        return figures.filter { $0.planned != $0.found }.map {
            RecipeDifference(
                place: "the table",
                figure: $0.name,
                planned: $0.planned ?? "none",
                found: $0.found ?? "none"
            )
        }
    }
}

extension Recipe.Importance {
    /// All of the reference in one text.
    fileprivate var summary: String { ([name, digest] + filled).joined(separator: ", ") }
}
