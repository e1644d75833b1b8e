import Checkpoints
import Sensitivity
import Tensors

/// What the rules keep out of the plan.
extension RestrictedTask {
    /// The model without the layers and tensors that the rules keep.
    ///
    /// - Returns: The model, and of the tensors that are kept in a format that was asked for the rule that asks for it, by their names.
    static func keeping(
        _ grouped: LayeredModel,
        _ rules: PlanningRules,
        source: QuantizationFormat
    ) throws -> (model: LayeredModel, asked: [String: PlanningRules.Keep]) {
        let (model, keptBy, unused) = try grouped.keeping(
            rules.kept.map { ($0.glob, $0.format) },
            except: Set(rules.pinned(grouped.layers).keys),
            sourceFormat: source
        )
        if let (index, cause) = unused.first {
            let rule = rules.kept[index].description
            throw switch cause {
            case .matchesNothing:
                PlanningError.patternMatchesNothing(
                    rule,
                    near: NearNames.of(
                        rules.kept[index].glob,
                        in: grouped.layers.map(\.name) + grouped.kept.map(\.tensor.name)
                    )
                )
            case .plannedAllTheSame: PlanningError.patternOverruled(rule, by: "a pin")
            case .keptOtherwise(let other):
                PlanningError.patternOverruled(rule, by: rules.kept[other].description)
            }
        }
        return (model, keptBy.mapValues { rules.kept[$0] }.filter { $0.value.format != nil })
    }

    /// Refuses to keep tensors in fewer bits than a plan that this one is nested in gives them.
    ///
    /// - Parameters:
    ///   - asked: The rules by which tensors are kept in a format that was asked for, by the tensors' names.
    ///   - grouped: The model without anything kept by rules.
    ///   - restrictions: The restrictions.
    /// - Throws: ``PlanningError/contradiction(relax:budget:)`` with the rule.
    static func checkNesting(
        of asked: [String: PlanningRules.Keep],
        in grouped: LayeredModel,
        _ restrictions: [Restriction]
    ) throws(PlanningError) {
        // Most plans keep nothing in another format, and models have up to 90,000 tensors.
        guard !asked.isEmpty else { return }
        let tensors =
            grouped.layers.flatMap { layer in layer.tensors.map { (layer.name, $0.name) } }
            + grouped.kept.map { ($0.tensor.name, $0.tensor.name) }
        for restriction in restrictions {
            guard case .nestedIn(let formats) = restriction.kind else { continue }
            for (layer, tensor) in tensors {
                guard let rule = asked[tensor], let format = rule.format,
                    let least = formats[layer] ?? formats[tensor],
                    format.bitsPerWeight < least.bitsPerWeight
                else { continue }
                throw .contradiction(relax: [rule.description], budget: nil)
            }
        }
    }

    /// By how many bytes the file would be larger if tensors that are kept in a format that was asked for were as they are in the source.
    ///
    /// - Parameters:
    ///   - asked: The tensors that are.
    ///   - model: The model as it is planned.
    ///   - source: The format that tensors without a type of their own come in.
    ///   - layout: The layout of the file.
    /// - Returns: The bytes, with padding; below zero where the formats are larger than the source's.
    static func bytesSaved(
        byKeeping asked: Set<String>,
        of model: LayeredModel,
        source: QuantizationFormat,
        layout: FileLayout
    ) -> Int {
        model.kept.reduce(0) { sum, kept in
            guard asked.contains(kept.tensor.name),
                let own = (kept.tensor.elementType ?? source).byteCount(of: kept.tensor)
            else { return sum }
            return sum + layout.dataSize(0, and: own) - layout.dataSize(0, and: kept.bytes)
        }
    }

    /// What layers that are kept as a whole cost by the table, in other formats than their own.
    ///
    /// - Parameters:
    ///   - grouped: The layers that there are without anything kept.
    ///   - model: The model as it is planned.
    ///   - table: The table.
    /// - Returns: The layers, in the model's order; none that the table says nothing of.
    static func keptCosts(
        of grouped: LayeredModel,
        in model: LayeredModel,
        _ table: ImpactTable
    ) -> [PlanningTask.KeptCost] {
        let planned = Set(model.layers.map(\.name))
        var formats: [String: QuantizationFormat] = [:]
        for kept in model.kept { formats[kept.tensor.name] = kept.format }
        return grouped.layers.filter { !planned.contains($0.name) }.compactMap { layer in
            let found = Set(layer.tensors.map { formats[$0.name] })
            guard found.count == 1, let format = found.first ?? nil,
                layer.tensors.contains(where: { $0.elementType != format }),
                let impact = table.impact(ofLayer: layer.name, in: format)
            else { return nil }
            return PlanningTask.KeptCost(
                layer: layer.name,
                tensors: layer.tensors.map(\.name),
                impact: impact
            )
        }
    }
}
