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
    ///   - source: The format in which tensors without a type of their own come whose format the user named; nil where they do not count.
    ///   - known: The names of tensors of which the loss is known.
    ///   - isChosen: Whether the user named the format of a tensor.
    public init(
        _ model: LayeredModel,
        by caster: String?,
        source: QuantizationFormat? = nil,
        besides known: Set<String> = [],
        asked isChosen: (TensorInfo) -> Bool = { _ in false }
    ) {
        let lossy = model.kept.filter { kept in
            guard let own = kept.tensor.elementType ?? (isChosen(kept.tensor) ? source : nil),
                own.isWeightFormat, own != kept.format,
                !known.contains(kept.tensor.name)
            else {
                return false
            }
            return own.bitsPerWeight >= kept.format.bitsPerWeight
        }
        let (asked, others) = (lossy.filter { isChosen($0.tensor) }, lossy.filter { !isChosen($0.tensor) })
        let clauses =
            (others.isEmpty ? [] : ["\(caster ?? "its grouping") casts \(Self.list(others, source))"])
            + (asked.isEmpty ? [] : ["these are cast as asked: \(Self.list(asked, source))"])
        note =
            clauses.isEmpty ? nil : "of the tensors outside the plan " + clauses.joined(separator: "; ")
    }

    /// The casts with the tensors that have them: `1 from BF16 to F16 (token_embd.weight)`.
    private static func list(_ kept: [KeptTensor], _ source: QuantizationFormat?) -> String {
        var names: [String: [String]] = [:]
        var order: [String] = []
        for kept in kept {
            let cast = "\((kept.tensor.elementType ?? source)?.name ?? "") to \(kept.format)"
            if names[cast] == nil { order.append(cast) }
            names[cast, default: []].append(kept.tensor.name)
        }
        return order.map { cast in
            "\(names[cast]?.count ?? 0) from \(cast) (\(KeptLayers.list(names[cast] ?? [])))"
        }.joined(separator: ", ")
    }
}
