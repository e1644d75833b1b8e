/// Layers that are named by the modules that they consist of: `model.layers.0.self_attn:q_proj+k_proj`.
///
/// What the modules' names have in common up to a dot stands before the colon, and what is left of each after it.
public enum ListedModules {
    /// The name of a layer of modules, or nil for none.
    public static func name(of modules: [String]) -> String? {
        guard let first = modules.first else { return nil }
        guard modules.count > 1 else { return first }
        let parts = modules.map { $0.split(separator: ".", omittingEmptySubsequences: false) }
        let shortest = (parts.map(\.count).min() ?? 1) - 1
        let common = (0..<shortest).prefix { place in parts.allSatisfy { $0[place] == parts[0][place] } }
            .count
        let rests = parts.map { $0.dropFirst(common).joined(separator: ".") }
        return parts[0].prefix(common).joined(separator: ".") + ":" + rests.joined(separator: "+")
    }

    /// The names of the modules of a layer: the whole name, where it lists none.
    public static func modules(of layer: String) -> [String] {
        guard let colon = layer.firstIndex(of: ":") else { return [layer] }
        let beginning = layer[..<colon]
        return layer[layer.index(after: colon)...].split(separator: "+", omittingEmptySubsequences: false)
            .map { beginning.isEmpty ? String($0) : "\(beginning).\($0)" }
    }

    /// Groups a model's weights into layers of modules, and keeps all else in F16.
    ///
    /// - Parameters:
    ///   - tensors: The model's tensors.
    ///   - names: The names of the layers.
    /// - Returns: The layers and what is kept.
    /// - Throws: ``TensorError/formatDoesNotFit(tensor:format:rowLength:)``.
    public static func grouped(_ tensors: [TensorInfo], by names: [String]) throws(TensorError)
        -> LayeredModel
    {
        var layerOfModule: [String: String] = [:]
        for name in names {
            for module in modules(of: name) { layerOfModule[module] = name }
        }
        var members: [String: [TensorInfo]] = [:]
        var order: [String] = []
        var kept: [KeptTensor] = []
        for tensor in tensors {
            let module =
                tensor.name.hasSuffix(".weight") ? String(tensor.name.dropLast(".weight".count)) : nil
            if let layer = module.flatMap({ layerOfModule[$0] }), tensor.dimensionCount > 1 {
                if members[layer] == nil { order.append(layer) }
                members[layer, default: []].append(tensor)
            } else {
                kept.append(try KeptTensor(tensor, in: .f16))
            }
        }
        return LayeredModel(
            layers: order.map { ModelLayer(name: $0, tensors: members[$0] ?? []) },
            kept: kept,
            keptLayers: []
        )
    }
}
