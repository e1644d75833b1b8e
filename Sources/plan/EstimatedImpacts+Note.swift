import Checkpoints
import Estimation
import Foundation
import Sensitivity
import Tensors
import Text

extension EstimatedImpacts {
    /// Says which layers the gradients know nothing of.
    func noteUnknown() {
        guard let gradients = meaning.gradients, !unknownLayers.isEmpty else { return }
        let names = unknownLayers.listed(atMost: 10, quoted: false)
        Console.note(
            """
            \(gradients.name) has no gradients for \(unknownLayers.count) of \(layers.count) layers: \(names); their rows \
            are blank, so that every plan keeps them unquantized; capture them too, or write losses into the rows (0 in a format that \
            --pin gives them)
            """
        )
    }

    /// Says which layers have no row, as the importance matrix knows nothing of their inputs.
    func noteUnweighted() {
        let layers = unweightedLayers
        guard let matrix = meaning.importance, !layers.isEmpty else { return }
        let names = layers.listed(atMost: 10, quoted: false)
        let them = layers.count == 1 ? "it" : "them"
        Console.note(
            """
            \(matrix.name.visible) knows nothing of the inputs of \(layers.count.of("layer")), nor of any like \(them): \
            \(names); \(layers.count == 1 ? "it has" : "they have") no row, so a plan has to keep \(them) (--keep GLOB) or pin \
            \(them) (--pin GLOB=FORMAT); --norm unweighted counts every input the same
            """
        )
    }

    /// Says which formats cannot hold the weights of a layer.
    func noteForbidden() {
        for (index, format) in formats.enumerated() {
            let layers = zip(self.layers, cells).filter {
                $1[index]?.impact.value.isInfinite ?? false
            }
            guard let first = layers.first else { continue }
            Console.note(
                """
                \(format) cannot hold the weights of \(layers.count.of("layer")), such as \(first.0), and is forbidden there
                """
            )
        }
    }
}

extension EstimatedImpacts.Scale {
    /// Says what a prior rests on, which kinds of layers it knows nothing of, and which matrix makes the output.
    func notePrior(_ layers: LayeredModel, of model: Model) {
        guard case .prior(let prior) = self else { return }
        let roles = prior.weights.sorted { $0.key < $1.key }
            .map { "\($0.key.rawValue) \(String(format: "%.2g", $0.value))" }.joined(separator: ", ")
        let last =
            prior.lastDownWeight.map {
                ", in a language model's last block ffn_down \(String(format: "%.2g", $0))"
            } ?? ""
        var others: [String] = []
        let output = model.isTextEncoder ? nil : OutputMatrix(tensorNames: model.tensors.map(\.name))
        for layer in layers.layers where !others.contains(layer.kind) {
            // What makes the output is spoken of by itself.
            guard !layer.tensors.contains(where: { $0.name == output?.tensor }) else { continue }
            let roles = layer.tensors.map { TensorRole(tensorName: $0.name) }
            if roles.contains(where: { $0.flatMap(prior.weight) == nil }) { others.append(layer.kind) }
        }
        let rest =
            others.isEmpty
            ? ""
            : """
            ; \(others.listed(quoted: false)) \(others.count == 1 ? "was" : "were") not measured there and \
            \(others.count == 1 ? "is" : "are") taken to count \(String(format: "%.2g", prior.otherWeight))
            """
        Console.note(
            """
            squared relative errors count by role, as they cost in \(prior.source): \(roles)\(last)\(rest)\
            \(Self.output(output, of: model, prior)); plan estimate --prior none counts all roles the same
            """
        )
    }

    /// Which matrix makes the output, and how often it is taken to count, in words.
    private static func output(_ output: OutputMatrix?, of model: Model, _ prior: RolePrior) -> String {
        if model.isTextEncoder {
            return "; the model makes vectors of texts, so no matrix counts more than others"
        }
        guard let output else {
            return "; no output is known by its name, so no matrix counts more than others"
        }
        let weight = prior.weight(ofTensor: output.tensor) * output.weight
        return """
            ; \(output.tensor.visible) makes the output, and is taken to count \(String(format: "%.3g", weight)), twice for each of \
            \((output.lastBlock.number + 1).of("block"))
            """
    }
}
