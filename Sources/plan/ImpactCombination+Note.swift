import BitAllocation
import Planning
import Reports
import Sensitivity

extension ImpactTable {
    /// What the user should know of the rule that combines the table's impacts, in a line.
    ///
    /// - Parameter chosen: The rule that was chosen, or nil where the table's kind decides.
    /// - Returns: A note where the rule contradicts what the cells are, or where they do not say what they are; else nil.
    func note(onCombining chosen: ImpactCombination?) -> String? {
        let name = name.withVisibleControls
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
                "--combine rss squares what already are losses in \(name); those of single layers add (sum)"
        default: return nil
        }
    }
}
