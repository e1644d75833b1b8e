import Foundation
public import Sensitivity
public import Tensors

extension EstimatedImpacts {
    /// Completes measured losses by these impacts, which are relative errors or those by role.
    ///
    /// - Parameters:
    ///   - losses: What was measured, from one file or several.
    ///   - model: The layers, those of these impacts.
    ///   - importance: The importance matrix that the errors were measured with.
    ///   - prior: What the errors were weighed by; nil for relative errors as they are.
    ///   - isTextEncoder: Whether the model makes vectors of texts, as `Model.isTextEncoder` says: then no layer makes logits.
    /// - Returns: The impacts, which are losses, and how they were completed.
    /// - Throws: The errors of ``LossCompletion/init(_:layers:formats:path:kindScatter:)``, and
    ///   ``EstimationError/lossesDisagree(layer:format:path:)`` and ``EstimationError/otherUnit(path:found:expected:)`` for files
    ///   that do not go together.
    public func completed(
        by losses: [LossTable],
        model: LayeredModel,
        importance: ImportanceReference? = nil,
        prior: RolePrior? = nil,
        isTextEncoder: Bool = false
    ) throws(EstimationError) -> (impacts: EstimatedImpacts, completion: LossCompletion) {
        let merged = try Self.merged(losses)
        // A norm may have left layers out that a matrix says nothing of.
        let known = Set(layers)
        let kinds = LayerKinds(of: model, isTextEncoder: isTextEncoder)
        let completion = try LossCompletion(
            merged,
            layers: zip(model.layers.filter { known.contains($0.name) }, cells).map { layer, row in
                LossCompletion.Layer(
                    name: layer.name,
                    kind: kinds.kind(of: layer),
                    relativeErrors: row.map { $0?.impact }
                )
            },
            formats: formats,
            path: losses.first?.path ?? "",
            kindScatter: prior == nil
                ? LossCompletion.usualKindScatter : LossCompletion.usualKindScatterByRole
        )
        let isFilled = completion.measuredLayerCount < layers.count
        let noisy = merged.count { !LayerSensitivity.isSure($0) }
        let noise =
            completion.isMostlyNoise ? "; \(noisy) of \(merged.count) losses within their noise" : ""
        let source = isFilled ? prior.map { "; errors by role as in \($0.source)" } ?? "" : ""
        let impacts = EstimatedImpacts(
            layers: layers,
            formats: completion.formats,
            cells: zip(cells, completion.cells).map { errors, row in
                row.enumerated().map { column, cell in
                    cell.map {
                        Cell(loss: column < errors.count ? errors[column]?.loss : nil, impact: $0.loss)
                    }
                }
            },
            meaning: ImpactMeaning(
                kind: .loss,
                unit: losses.first?.unit,
                method:
                    "measured on \(completion.measuredLayerCount) of \(layers.count) layers\(noise), completed by relative errors\(source)",
                importance: importance,
                uncertainty: Self.rounded(
                    hypot(hypot(completion.commonError, completion.noiseError), LossCompletion.wholeError)
                )
            )
        )
        return (impacts, completion)
    }

    /// A share to two digits: more would claim what nobody knows.
    private static func rounded(_ share: Double) -> Double {
        let unit = pow(10, (log10(share)).rounded(.down) - 1)
        // By a whole number, so that 0.17 is not 0.17000000000000001.
        return unit < 1 ? (share / unit).rounded() / (1 / unit).rounded() : (share / unit).rounded() * unit
    }

    /// The losses of several files, each layer and format once.
    private static func merged(_ tables: [LossTable]) throws(EstimationError) -> [MeasuredLoss] {
        struct Key: Hashable {
            let layer: String
            let format: String
        }
        var merged: [MeasuredLoss] = []
        var known: [Key: MeasuredLoss] = [:]
        for table in tables {
            if let first = tables.first, table.unit != first.unit {
                throw .otherUnit(
                    path: table.path,
                    found: table.unit ?? "none",
                    expected: first.unit ?? "none"
                )
            }
            for loss in table.losses {
                let key = Key(layer: loss.layer, format: loss.format)
                if let earlier = known[key] {
                    guard earlier == loss else {
                        throw .lossesDisagree(layer: loss.layer, format: loss.format, path: table.path)
                    }
                    continue
                }
                known[key] = loss
                merged.append(loss)
            }
        }
        return merged
    }
}

extension LossTable {
    /// Checks that losses were measured on a model, where they say so.
    ///
    /// - Parameters:
    ///   - modelDigest: The model's fingerprint.
    ///   - weightsDigest: The fingerprint of its weights, or nil where they are not at hand.
    /// - Throws: ``EstimationError/lossesOfOtherModel(path:what:found:expected:)``.
    public func check(modelDigest: String, weightsDigest: String?) throws(EstimationError) {
        let model = comments["model"]?.split(separator: " ").first.map(String.init)
        for (what, found, expected) in [
            ("model", model, modelDigest), ("set of weights", comments["weights"], weightsDigest),
        ] {
            guard let found, let expected, found != expected else { continue }
            throw .lossesOfOtherModel(path: path, what: what, found: found, expected: expected)
        }
    }
}
