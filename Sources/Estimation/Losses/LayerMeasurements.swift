import Sensitivity

/// What was measured, layer by layer.
struct LayerMeasurements {
    /// What one measurement says of its layer.
    struct Part {
        let sensitivity: LayerSensitivity
        let format: String
        /// Whether it is beyond what noise makes.
        let isSure: Bool
    }

    /// The losses of each layer by their formats.
    private(set) var losses: [[String: MeasuredLoss]]
    /// What the losses of each layer say of it, as far as they say something.
    private(set) var parts: [[Part]]
    /// The formats that were measured but have no relative errors, in the order in which they come.
    private(set) var extraFormats: [String] = []

    /// Sorts losses by layers.
    ///
    /// - Parameters:
    ///   - measured: The losses, each layer and format once.
    ///   - layers: The layers, with their relative errors.
    ///   - formats: The formats of the relative errors.
    ///   - path: What messages call the losses.
    /// - Throws: ``EstimationError/lossOfUnknownLayer(layer:count:path:)``.
    init(
        _ measured: [MeasuredLoss],
        layers: [LossCompletion.Layer],
        formats: [String],
        path: String
    ) throws(EstimationError) {
        let indices = Dictionary(layers.enumerated().map { ($1.name, $0) }) { first, _ in first }
        let strangers = measured.filter { indices[$0.layer] == nil }
        if let stranger = strangers.first {
            throw .lossOfUnknownLayer(layer: stranger.layer, count: strangers.count, path: path)
        }
        let columns = Dictionary(formats.enumerated().map { ($1, $0) }) { first, _ in first }
        losses = layers.map { _ in [:] }
        parts = layers.map { _ in [] }
        for loss in measured {
            guard let layer = indices[loss.layer] else { continue }
            losses[layer][loss.format] = loss
            guard let column = columns[loss.format] else {
                if !extraFormats.contains(loss.format) { extraFormats.append(loss.format) }
                continue
            }
            if let error = layers[layer].relativeErrors[column],
                let sensitivity = LayerSensitivity(loss, relativeError: error.value)
            {
                parts[layer].append(
                    Part(sensitivity: sensitivity, format: loss.format, isSure: LayerSensitivity.isSure(loss))
                )
            }
        }
    }
}
