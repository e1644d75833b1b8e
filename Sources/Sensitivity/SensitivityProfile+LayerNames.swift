extension SensitivityProfile {
    /// The layer and stream that a name such as `layer05.img` gives, or nil for other names.
    static func layerAndStream(named name: String) -> (layer: Int, stream: Stream)? {
        let prefix = "layer"
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].hasPrefix(prefix), let stream = Stream(rawValue: String(parts[1])),
            parts[0].utf8.count > prefix.utf8.count,
            let layer = CellText.index(parts[0].dropFirst(prefix.count))
        else { return nil }
        return (layer, stream)
    }

    /// The measured state that the error of a cast layer enters, as Table 3 has it; nil where none was measured.
    ///
    /// That is the state after the layer. The error of the last layer with `img` and `txt` enters `x`, into which they
    /// are joined, so both take the row of `x` there. The state after the last layer of all is none of the seed's tables,
    /// and may be one of a measured stack's.
    ///
    /// - Parameter name: The layer's name as Table 3 writes it: `layer05.img`.
    /// - Returns: The state, or nil where it was not measured and for names that are none of Table 3's.
    public func state(afterLayerNamed name: String) -> HiddenState? {
        guard let (layer, stream) = Self.layerAndStream(named: name), layers(of: stream).contains(layer),
            layer + 1 < layerCount || hasEnd(stream)
        else { return nil }
        let isJoined = layer + 1 >= joinLayer && joinLayer < layerCount
        return HiddenState(before: layer + 1, stream: isJoined ? .x : stream)
    }
}

extension SensitivityProfile {
    /// How strongly the end answers to an error of a cast layer: `S / sqrt(R)` of the state that it enters.
    ///
    /// Where nothing was measured after the last layer, it takes the value before it, which is near: the seed's author took
    /// 0.00423 there and measured 0.00414 before it.
    ///
    /// - Parameter name: The layer's name as Table 3 writes it: `layer05.img`.
    /// - Returns: The relative sensitivity, or nil for names that are none of Table 3's.
    public func relativeSensitivity(afterLayerNamed name: String) -> Double? {
        guard let (layer, stream) = Self.layerAndStream(named: name), layers(of: stream).contains(layer)
        else {
            return nil
        }
        let state = state(afterLayerNamed: name) ?? HiddenState(before: layer, stream: stream)
        return try? relativeSensitivity(before: state.layer, stream: state.stream)
    }
}
