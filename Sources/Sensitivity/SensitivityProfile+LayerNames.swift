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
    /// are joined, so both take the row of `x` there. The state after the last layer of all was not measured.
    ///
    /// - Parameter name: The layer's name as Table 3 writes it: `layer05.img`.
    /// - Returns: The state, or nil for the last layer and for names that are none of Table 3's.
    public func state(afterLayerNamed name: String) -> HiddenState? {
        guard let (layer, stream) = Self.layerAndStream(named: name), layers(of: stream).contains(layer),
            layer + 1 < layerCount
        else { return nil }
        return HiddenState(before: layer + 1, stream: layer + 1 < joinLayer ? stream : .x)
    }
}
