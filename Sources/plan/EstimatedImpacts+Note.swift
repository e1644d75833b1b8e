import Estimation
import Sensitivity

extension EstimatedImpacts {
    /// Says which layers the gradients know nothing of.
    func noteUnknown() {
        guard let gradients = meaning.gradients, !unknownLayers.isEmpty else { return }
        let names = unknownLayers.prefix(10).joined(separator: ", ")
        let rest = unknownLayers.count > 10 ? " and \(unknownLayers.count - 10) more" : ""
        Console.note(
            """
            \(gradients.name) has no gradients for \(unknownLayers.count) of \(layers.count) layers: \(names)\(rest); their rows \
            are blank, so that every plan keeps them unquantized; capture them too, or write losses into the rows (0 in a format that \
            --pin gives them)
            """
        )
    }
}
