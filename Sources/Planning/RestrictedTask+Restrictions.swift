import BitAllocation
import Checkpoints
import Tensors

/// Restrictions on a task, and which of them is to blame where they leave nothing.
extension RestrictedTask {
    /// Applies restrictions; where a format fits no layer that one matches, the error says which rows it would need.
    static func apply(_ restrictions: [Restriction], to task: inout PlanningTask)
        throws(PlanningError)
    {
        do throws(PlanningError) {
            try task.problem.apply(restrictions)
        } catch .formatNowhere(let restriction, let format, let known) {
            if contradictsPin(restriction, restrictions, task) {
                throw .contradiction(relax: [restriction], budget: nil)
            }
            guard let rows = UnfitRows(task, format: format) else {
                throw .formatNowhere(restriction, format: format, known: known)
            }
            throw .formatFitsNowhere(restriction, format: format, rows: rows)
        } catch .patternMatchesNothing(let words, let near) {
            throw keptMatch(words, restrictions, task) ?? .patternMatchesNothing(words, near: near)
        } catch .contradiction(let relax, nil) where relax.count == 1 {
            throw lackOfFormat(relax[0], restrictions, task) ?? .contradiction(relax: relax, budget: nil)
        } catch {
            throw error
        }
    }

    /// That a restriction, by its words, matches kept tensors alone, by their names or those of their layers; nil where it matches none.
    private static func keptMatch(
        _ words: String,
        _ restrictions: [Restriction],
        _ task: PlanningTask
    ) -> PlanningError? {
        guard let glob = restrictions.first(where: { $0.description == words })?.kind.glob else { return nil }
        let layers = task.model.keptLayers.filter(glob.matches)
        let kept = task.model.kept.filter { kept in
            let name = kept.tensor.name
            return glob.matches(name) || layers.contains { name.hasPrefix($0 + ".") || name == $0 }
        }
        guard let first = kept.first else { return nil }
        return .matchesKept(
            words,
            tensor: first.tensor.name,
            format: first.format.name,
            others: kept.count - 1
        )
    }

    /// Why a pin, by its words, leaves no plan: layers that it matches do not have its format; nil where they all do.
    private static func lackOfFormat(
        _ words: String,
        _ restrictions: [Restriction],
        _ task: PlanningTask
    ) -> PlanningError? {
        guard let pin = restrictions.first(where: { $0.description == words }),
            case .pin(let glob, let format) = pin.kind
        else { return nil }
        let problem = task.problem
        let lacking = problem.layerNames.indices.filter { layer in
            glob.matches(problem.layerNames[layer])
                && !problem.options(ofLayer: layer).contains {
                    problem.formatNames[Int(problem.optionFormat[$0])] == format.name
                }
        }
        guard !lacking.isEmpty else { return nil }
        let layers = task.model.layers
        return .formatLacking(
            words,
            format: format.name,
            layers: lacking.map { problem.layerNames[$0] },
            needsImportance: format.needsImportanceMatrix
                && lacking.allSatisfy { layers[$0].tensors.allSatisfy(format.fits) }
        )
    }

    /// Whether a pin, by its words, names a layer that an earlier pin gives another format.
    private static func contradictsPin(
        _ words: String,
        _ restrictions: [Restriction],
        _ task: PlanningTask
    ) -> Bool {
        guard let index = restrictions.firstIndex(where: { $0.description == words }),
            case .pin(let glob, let format) = restrictions[index].kind
        else { return false }
        return restrictions[..<index].contains { earlier in
            guard case .pin(let other, let otherFormat) = earlier.kind, otherFormat != format else {
                return false
            }
            return task.problem.layerNames.contains { glob.matches($0) && other.matches($0) }
        }
    }
}
