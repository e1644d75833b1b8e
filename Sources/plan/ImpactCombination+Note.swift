import Text
import BitAllocation
import Checkpoints
import Planning
import Reports
import Sensitivity
import Tensors

extension ImpactTable {
    /// What the user should know of the rule that combines the table's impacts, in a line.
    ///
    /// - Parameter chosen: The rule that was chosen, or nil where the table's kind decides.
    /// - Returns: A note where the rule contradicts what the cells are, or where they do not say what they are; else nil.
    func note(onCombining chosen: ImpactCombination?) -> String? {
        let name = name.visible
        switch (meaning.kind, chosen) {
        case (.unknown, nil):
            return """
                the table \(name) does not say what its cells are, so they are added (sum): put '# kind: amplitude' or \
                '# kind: loss' in its first line, or choose with --combine
                """
        case (.amplitude, .sum) where !isTableThree:
            return """
                --combine sum adds the amplitudes of \(name) as if all errors pointed the same way; those of \
                independent errors add in squares (rss)
                """
        case (.loss, .rss):
            return
                "--combine rss squares the cells of \(name), which are losses already; losses of single layers add (sum)"
        default: return nil
        }
    }

    /// What is odd about the table as a whole, a line each.
    ///
    /// - Parameters:
    ///   - combination: The rule that combines its impacts, or nil where none is chosen yet.
    ///   - saysRule: Whether cells that go by another rule are named; not where that was said of what the table calls them.
    /// - Returns: The lines; none for a table like most.
    func oddityNotes(combinedBy combination: ImpactCombination?, saysRule: Bool = true) -> [String] {
        let kind: ImpactKind =
            switch combination {
            // Table 3 is added as its author adds it, which has a note of its own.
            case .sum where !isTableThree: .loss
            case .rss: .amplitude
            default: .unknown
            }
        return oddities(bitsPerWeight: { QuantizationFormat(named: $0)?.bitsPerWeight }, combinedAs: kind)
            .compactMap {
                switch $0 {
                case .decay where !saysRule: nil
                case .decay(_, let seen):
                    "\($0); --combine \(seen == .amplitude ? "rss" : "sum") is the rule for them"
                default: "\($0)"
                }
            }
    }
}

extension PlanningInput {
    /// Whose the built-in table is, where the model is another one; nil otherwise.
    var tableOwnerNote: String? {
        guard table.isTableThree, let own = try? Model.builtIn(named: "flux1-dev"),
            !Self.isFluxDev(model.name, hasItsTensors: model.digest == own.digest)
        else { return nil }
        return """
            the table \(table.name.visible) was measured on FLUX.1-dev; for \(model.name.visible) it is a \
            guess
            """
    }

    /// Whether a model of a name may be FLUX.1-dev: one with its tensors, unless its name is that of a model that was trained from it.
    private static func isFluxDev(_ name: String, hasItsTensors: Bool) -> Bool {
        let name = name.lowercased()
        guard
            !["kontext", "fill", "krea", "schnell", "redux", "canny", "depth"].contains(where: name.contains)
        else { return false }
        return hasItsTensors || name.hasPrefix("flux1-dev") || name.hasPrefix("flux.1-dev")
    }
}
