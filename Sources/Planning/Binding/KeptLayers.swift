import Checkpoints
public import Tensors

/// What a plan leaves as it is although it has rows, in a line for the user.
public struct KeptLayers: Hashable, Sendable {
    /// The names of the layers that would be there otherwise.
    public let names: [String]
    /// Who keeps them.
    public let keeper: String
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
        names = model.keptLayers.filter { !chosen.contains($0) }
        let own = names.count > grouped.count ? [converter].compactMap(\.self) : []
        keeper = (own + (grouped.isEmpty ? [] : ["llama.cpp"])).joined(separator: " or ")
    }

    /// The line, or nil where nothing is kept.
    public var note: String? {
        guard !names.isEmpty else { return nil }
        let count = names.count == 1 ? "1 layer is" : "\(names.count) layers are"
        return """
            \(count) kept as \(names.count == 1 ? "it is" : "they are") in every plan, as \(keeper) never quantizes \
            \(names.count == 1 ? "it" : "them"): \(Self.list(names))
            """
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
