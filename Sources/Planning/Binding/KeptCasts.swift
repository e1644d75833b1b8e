public import Tensors

/// What becomes of tensors that a plan does not decide about, where that loses something.
public struct KeptCasts: Hashable, Sendable {
    /// The line, or nil where nothing is lost.
    public let note: String?

    /// Looks for casts to formats that hold less than the tensors' own.
    ///
    /// - Parameters:
    ///   - model: The model as it is planned.
    ///   - caster: Who casts: a converter's name, or nil for the model's grouping.
    ///   - isChosen: Whether the user named the format of a tensor, of which nothing has to be said.
    public init(
        _ model: LayeredModel,
        by caster: String?,
        unless isChosen: (TensorInfo) -> Bool = { _ in false }
    ) {
        var names: [String: [String]] = [:]
        var order: [String] = []
        for kept in model.kept {
            guard let own = kept.tensor.elementType, own.isWeightFormat, own != kept.format,
                own.bitsPerWeight >= kept.format.bitsPerWeight, !isChosen(kept.tensor)
            else { continue }
            let cast = "\(own) to \(kept.format)"
            if names[cast] == nil { order.append(cast) }
            names[cast, default: []].append(kept.tensor.name)
        }
        let casts = order.map { cast in
            "\(names[cast]?.count ?? 0) from \(cast) (\(KeptLayers.list(names[cast] ?? [])))"
        }
        note =
            casts.isEmpty
            ? nil
            : "of the tensors outside the plan \(caster ?? "its grouping") casts \(casts.joined(separator: ", "))"
    }
}
