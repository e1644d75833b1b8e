import Estimation
import Reports
import Sensitivity
import Text

extension LossCompletion {
    /// Says what of a table of losses was not measured, and what is odd about what was.
    ///
    /// - Parameters:
    ///   - losses: The losses.
    ///   - layerCount: The number of the model's layers.
    ///   - prior: What the roles of layers count where little was measured; nil where they do not.
    func note(of losses: [LossTable], layerCount: Int, prior: RolePrior?) {
        let filled = layerCount - measuredLayerCount
        let byRole =
            prior.map { "; the less of a kind was measured, the more it counts by role, as in \($0.source)" }
            ?? ""
        if filled > 0 {
            Console.note(
                "\(filled) of \(layerCount.of("layer")) \(filled == 1 ? "has" : "have") no loss that says anything, and \(filled == 1 ? "is filled by its" : "are filled by their") kind\(byRole)"
            )
        }
        if !silent.isEmpty {
            let formats = Set(silent.map(\.format)).sorted().joined(separator: ", ")
            let count = silent.count
            Console.note(
                """
                \(count == 1 ? "1 loss is" : "\(count) losses are") in \(formats), in which no error was measured, and so \
                \(count == 1 ? "says" : "say") nothing of other formats
                """
            )
        }
        if !unknownKinds.isEmpty {
            let kinds = unknownKinds
            Console.note(
                """
                of some kinds no layer was measured, and the others stand for them: \
                \(kinds.listed(quoted: false))
                """
            )
        }
        if exactCount > 0 {
            let (has, are) =
                exactCount == 1
                ? ("1 loss has", "is") : ("\(exactCount) losses have", "are")
            Console.note(
                """
                \(has) no standard error and \(are) taken as exact, by --robust too; a fourth column, standardError, gives it
                """
            )
        }
        if sureCount == 0 || isMostlyNoise {
            let subject = sureCount == 0 ? "none of the losses is" : "most of the losses are not"
            let its = sureCount == 0 ? "its" : "their"
            // Their error is that of the text, and more of it helps little.
            let remedy =
                losses.contains { $0.mayHaveErrorsOfValues }
                ? """
                ; if its errors are those of a value of one model, such as a perplexity, and not of the difference, leave the column \
                standardError empty
                """ : "; measure on more text, or in a format of fewer bits"
            Console.note(
                """
                \(subject) three times \(its) standard error, so the table shows how large losses may be rather than how large \
                they are\(remedy)
                """
            )
        }
        if let first = contradictions.first {
            let count = contradictions.count
            Console.note(
                """
                the losses of \(count.of("layer")) contradict each other, such as those of \(first.layer): the loss in \(first.high) is \
                \(Figures.impact(first.factor)) times the one that follows from \(first.low) and the relative errors; look at the measurement
                """
            )
        }
        if let first = negative.first {
            Console.note(
                """
                \(negative.count == 1 ? "1 loss is below zero by more than its" : "\(negative.count) losses are below zero by more than their") noise, such as that of \(first.layer), \
                \(first.loss); a loss says how much worse the model is, so look at the measurement
                """
            )
        }
    }
}
