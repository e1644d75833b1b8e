public import Recipes
import Tensors
import Text

extension Recipe {
    /// The layers that have tensors which a grouping puts into other layers.
    ///
    /// Impacts go by a layer's name, sizes by its tensors: only the grouping ties the two. A tensor that the grouping has in a layer
    /// may be kept, and one that it keeps may be cast along with a layer, as the recipe's rules and its converter have it.
    ///
    /// - Parameter grouped: The model's layers; where the recipe has others, nothing is compared.
    /// - Returns: The differences.
    func layerDifferences(_ grouped: LayeredModel) -> [RecipeDifference] {
        var owners: [String: String] = [:]
        for layer in grouped.layers {
            for tensor in layer.tensors { owners[tensor.name] = layer.name }
        }
        let known = Set(grouped.layers.map(\.name))
        guard layers.allSatisfy({ known.contains($0.layer) }) else { return [] }
        return layers.compactMap { layer in
            let foreign = layer.tensors.filter { owners[$0] ?? layer.layer != layer.layer }
            guard let owner = foreign.first.flatMap({ owners[$0] }) else { return nil }
            return RecipeDifference(
                place: layer.layer,
                figure: "tensors",
                planned: foreign.listed(atMost: 3, quoted: false),
                found: "in \(owner)"
            )
        }
    }

    /// Which tensors make up the recipe's layers otherwise than a task's, and what is kept in other formats.
    ///
    /// - Parameter task: The task that the recipe was planned from, with layers of the same names.
    /// - Returns: The differences.
    public func tensorDifferences(in task: PlanningTask) -> [RecipeDifference] {
        func shown(_ names: [String]) -> String { names.listed(atMost: 3, quoted: false) }
        var differences: [RecipeDifference] = []
        let found = Dictionary(
            task.model.layers.map { ($0.name, $0.tensors.map(\.name)) },
            uniquingKeysWith: { first, _ in first }
        )
        for layer in layers {
            let own = found[layer.layer] ?? []
            let (ownNames, names) = (Set(own), Set(layer.tensors))
            let extra = layer.tensors.filter { !ownNames.contains($0) }
            let missing = own.filter { !names.contains($0) }
            guard !extra.isEmpty || !missing.isEmpty else { continue }
            differences.append(
                RecipeDifference(
                    place: layer.layer,
                    figure: "tensors",
                    planned: extra.isEmpty ? "without \(shown(missing))" : shown(extra),
                    found: missing.isEmpty ? "without \(shown(extra))" : shown(missing)
                )
            )
        }
        let formats = Dictionary(
            task.model.kept.map { ($0.tensor.name, $0.format.name) },
            uniquingKeysWith: { first, _ in first }
        )
        for kept in kept {
            guard let format = formats[kept.tensor], format != kept.format else { continue }
            differences.append(
                RecipeDifference(
                    place: kept.tensor,
                    figure: "format",
                    planned: kept.format,
                    found: format
                )
            )
        }
        return differences
    }
}
