import Foundation
import Sensitivity
import TestSupport
import Tensors
import Testing

@testable import Calibration
@testable import Estimation

/// Plans by the first losses that a measuring gives, on a network of which all are known.
@Suite("Plans by few losses")
struct PartialLossesTests {
    /// Squared relative errors and bits per weight of Q4_0, Q5_0 and Q8_0, about as SmolLM2's matrices have them.
    private static let formats = [
        (error: 0.0092, bits: 4.5), (error: 0.0023, bits: 5.5), (error: 3.6e-5, bits: 8.5),
    ]

    private let model: LayeredModel
    private let sensitivities: [Double]
    private let weights: [Double]

    init() throws {
        var tensors = [
            try TensorInfo(name: "token_embd.weight", shape: [49152, 576]),
            try TensorInfo(name: "output_norm.weight", shape: [576]),
        ]
        var known = ["token_embd.weight": SmolSensitivities.output]
        for block in 0..<30 {
            for (name, shape, values) in SmolSensitivities.blocks {
                let name = "blk.\(block).\(name).weight"
                tensors.append(try TensorInfo(name: name, shape: shape))
                known[name] = values[block]
            }
        }
        model = try LayerGrouping.perTensor.grouped(tensors)
        sensitivities = model.layers.map { known[$0.name] ?? .nan }
        let output = try #require(OutputMatrix(tensorNames: tensors.map(\.name)))
        weights = model.layers.map { layer in
            layer.name == output.tensor
                ? output.weight
                : RolePrior.builtIn.weight(
                    ofTensor: layer.name,
                    isLastDownProjection: output.isLastDownProjection(layer.name)
                )
        }
    }

    /// What is lost by the plan of a size that is best by some sensitivities, of the matrices of the blocks.
    ///
    /// The table of embeddings is a fifth of the weights, so a plan that takes one step after the other would be decided by whether
    /// it has room for that one.
    private func loss(ofPlanBy believed: [Double], bitsPerWeight: Double) -> Double {
        let formats = Self.formats
        let counts = model.layers.map { $0.name.hasPrefix("blk.") ? Double($0.elementCount) : 0 }
        var left = (bitsPerWeight - formats[0].bits) * counts.reduce(0, +)
        var steps: [(layer: Int, format: Int, gain: Double)] = []
        for layer in counts.indices where counts[layer] > 0 {
            for format in 1..<formats.count {
                let gain = formats[format - 1].error - formats[format].error
                let bits = formats[format].bits - formats[format - 1].bits
                steps.append((layer, format, believed[layer] * gain / (bits * counts[layer])))
            }
        }
        // Each step of a layer gains less than the one before, so taking the best that fit is within one step of the best plan.
        var plan = counts.map { _ in 0 }
        for step in steps.sorted(by: { ($1.gain, $0.layer) < ($0.gain, $1.layer) }) {
            let bits = (formats[step.format].bits - formats[step.format - 1].bits) * counts[step.layer]
            guard plan[step.layer] == step.format - 1, bits <= left else { continue }
            plan[step.layer] = step.format
            left -= bits
        }
        return plan.indices.filter { counts[$0] > 0 }.reduce(0) {
            $0 + sensitivities[$1] * formats[plan[$1]].error
        }
    }

    /// What is believed after so many losses, each with a standard error of 3 %.
    private func completed(_ count: Int, seed: Int) throws -> [Double] {
        var random = SeededGenerator(seed: seed)
        let kinds = LayerKinds(of: model)
        let losses = CalibrationOrder.order(of: model).prefix(count).map { index in
            let loss = sensitivities[index] * Self.formats[0].error
            let noise = (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
            return MeasuredLoss(
                layer: model.layers[index].name,
                format: "Q4_0",
                loss: loss * (1 + 0.03 * noise),
                standardError: 0.03 * loss
            )
        }
        let completion = try LossCompletion(
            losses,
            layers: zip(model.layers, weights).map { layer, weight in
                LossCompletion.Layer(
                    name: layer.name,
                    kind: kinds.kind(of: layer),
                    relativeErrors: [
                        EstimatedSum(value: (weight * Self.formats[0].error).squareRoot(), standardError: 0)
                    ]
                )
            },
            formats: ["Q4_0"],
            path: "l.csv",
            kindScatter: LossCompletion.usualKindScatterByRole
        )
        return completion.cells.map { ($0[0]?.loss.value ?? .nan) / Self.formats[0].error }
    }

    @Test(
        "plans by the first losses are no worse than by weights alone, and better the more are measured",
        arguments: 1...3
    )
    func neverWorse(seed: Int) throws {
        let sizes = [4.65, 4.8, 5.0, 5.5, 6.0]
        let alone = sizes.map { loss(ofPlanBy: weights, bitsPerWeight: $0) }
        var means: [Double] = []
        for count in [8, 29, 58, 120, 211] {
            let believed = try completed(count, seed: seed)
            let shares = zip(sizes, alone).map { loss(ofPlanBy: believed, bitsPerWeight: $0) / $1 }
            #expect(shares.allSatisfy { $0 < 1.02 }, "\(count): \(shares)")
            means.append(exp(shares.reduce(0) { $0 + log($1) } / Double(shares.count)))
        }
        #expect(means[0] < 1, "\(means)")
        for (less, more) in zip(means, means.dropFirst()) { #expect(more < less, "\(means)") }
        #expect(means[4] < 0.8, "\(means)")
    }
}
