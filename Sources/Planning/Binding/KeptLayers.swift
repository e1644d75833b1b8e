import Checkpoints
public import Tensors

/// What a plan leaves as it is although it has rows, in a line for the user.
public struct KeptLayers: Hashable, Sendable {
    /// The names of the layers that would be there otherwise.
    public let names: [String]
    /// Who keeps them.
    public let keeper: String
    /// The names of layers whose type is no format of weights, such as 64-bit floats and integers, and the types.
    public let types: [String: String]
    /// The names of tensors that are kept beside others of their layers, as no block divides their rows.
    public let unfit: [String]

    /// What is kept for a converter, or for llama.cpp by a grouping; nothing that the user asked for.
    ///
    /// - Parameters:
    ///   - model: The model as it is planned.
    ///   - converter: The converter's name, or nil.
    ///   - grouped: The names of the layers that the model's grouping keeps.
    ///   - chosen: The names of layers that the user keeps.
    ///   - unfit: The names of tensors that the model's grouping keeps for their rows.
    public init(
        _ model: LayeredModel,
        converter: String? = nil,
        besides grouped: [String],
        chosen: Set<String> = [],
        unfit: [String]
    ) {
        self.unfit = unfit
        let left = model.keptLayers.filter { !chosen.contains($0) }
        let others = model.kept.map(\.tensor).filter { !($0.elementType?.isWeightFormat ?? true) }
        let typeNames = Dictionary(others.map { ($0.name, $0.elementType?.name ?? "") }) { first, _ in first }
        types = typeNames.filter { left.contains($0.key) }
        names = left.filter { typeNames[$0] == nil }
        let kept = grouped.filter { typeNames[$0] == nil }
        let own = names.count > kept.count ? [converter].compactMap(\.self) : []
        keeper = (own + (kept.isEmpty ? [] : ["llama.cpp"])).joined(separator: " or ")
    }

    /// The line, or nil where nothing is kept.
    public var note: String? {
        let clauses = [
            names.isEmpty
                ? nil
                : """
                \(Self.kept(names.count)), as \(keeper) never quantizes \(names.count == 1 ? "it" : "them"): \(Self.list(names))
                """,
            types.isEmpty
                ? nil
                : """
                \(Self.kept(types.count)), as \(types.count == 1 ? "its type is" : "their types are") no format of weights: \
                \(Self.list(types.keys.sorted())) (\(Set(types.values).sorted().joined(separator: ", ")))
                """,
        ].compactMap(\.self)
        return clauses.isEmpty ? nil : clauses.joined(separator: "; ")
    }

    private static func kept(_ count: Int) -> String {
        count == 1
            ? "1 layer is kept as it is in every plan" : "\(count) layers are kept as they are in every plan"
    }

    /// The line that says which matrices are kept as no block divides their rows, or nil where there are none.
    public var unfitNote: String? {
        guard !unfit.isEmpty else { return nil }
        return unfit.count == 1
            ? "1 tensor is kept as it is beside the others of its layer, as no block divides its rows: \(Self.list(unfit))"
            : "\(unfit.count) tensors are kept as they are beside the others of their layers, as no block divides their rows: "
                + Self.list(unfit)
    }

    /// Names as a list, those that differ only in numbers that count as one, such as `blk.*.ssm_a (48)`.
    public static func list(_ names: [String]) -> String {
        var counts: [String: Int] = [:]
        var order: [String] = []
        for name in TensorFamily.sharedNames(names) {
            if counts[name] == nil { order.append(name) }
            counts[name, default: 0] += 1
        }
        let shown = order.prefix(20).map { name in
            let count = counts[name] ?? 1
            return count > 1 ? "\(name) (\(count))" : name
        }
        let rest = order.count > 20 ? " and \(order.count - 20) more kinds" : ""
        return shown.joined(separator: ", ") + rest
    }
}
