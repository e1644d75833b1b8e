extension SensitivityProfile {
    /// The constant between an impact and the full `IMPACT` of the page: `100 · sqrt(12)`.
    ///
    /// The same factor for every layer and format, so that leaving it out changes no choice.
    public static let impactConstant = 100 * (12.0).squareRoot()

    /// The impact on the end of a loss put into a state: `sqrt(L) · S / sqrt(R)`, as Table 3 has it.
    ///
    /// A relative perturbation `dX = X · (u − ½) · δ`, `u` uniform in (0, 1), has the mean square loss `L =
    /// δ² · R / 12`, so a loss `L` acts like `δ = sqrt(12 · L / R)`; and `S` is the loss at the end for a δ
    /// of 1 %. The result leaves out ``impactConstant``; see ``fullImpact(ofMSELoss:before:stream:)``.
    ///
    /// - Parameters:
    ///   - loss: The mean square error loss in the state, `L`.
    ///   - layer: The layer that the state stands before.
    ///   - stream: The stream of the state.
    ///   - relativeSensitivity: `S / sqrt(R)` to use in place of the tables' value; also where the page has
    ///     no row: `img` and `txt` before the layer at which they are joined, `x` after the last layer.
    /// - Returns: The impact, without the constant.
    /// - Throws: ``SensitivityError/unusableLoss(_:)`` for a loss that is negative or not finite,
    ///   ``SensitivityError/unusableRelativeSensitivity(_:)`` likewise, and the errors of
    ///   ``sensitivity(before:stream:)``.
    public func impact(
        ofMSELoss loss: Double,
        before layer: Int,
        stream: Stream,
        relativeSensitivity: Double? = nil
    ) throws(SensitivityError) -> Double {
        try Self.check(loss: loss)
        let relative: Double
        if let relativeSensitivity {
            guard relativeSensitivity.isFinite, relativeSensitivity >= 0 else {
                throw .unusableRelativeSensitivity("\(relativeSensitivity)")
            }
            // A value does not make a state exist: `img` before layer 40 stays an error.
            if !isUnlisted(before: layer, stream: stream) {
                _ = try self.relativeSensitivity(before: layer, stream: stream)
            }
            relative = relativeSensitivity
        } else {
            relative = try self.relativeSensitivity(before: layer, stream: stream)
        }
        return try Self.finite(loss.squareRoot() * relative, loss: loss)
    }

    /// The impact on the end of the loss that casting one layer causes.
    ///
    /// Casting layer n disturbs the state that leaves it, so the loss counts *before layer n + 1*; Table 3
    /// was made so. It agrees with this function to about 1e-8 of its values, far within what the four
    /// decimals of Table 1 allow (half a unit of the last one is 2e-6 of the value before layer 1 and 6e-5
    /// before layer 56).
    ///
    /// - Parameters:
    ///   - layer: The layer that is cast.
    ///   - stream: The stream of the cast weights, one that the layer carries.
    ///   - loss: The mean square error loss in the state after the layer, `L`.
    ///   - relativeSensitivity: `S / sqrt(R)` of the state after the layer, where the page has no row for it
    ///     (the last layer with `img` and `txt`, and the last of all), or to use in place of the tables'
    ///     value; ``TableThreeApproximation`` has those that Table 3 was made with.
    /// - Returns: The impact, without the constant.
    /// - Throws: ``SensitivityError/streamNotInLayer(stream:layer:joinLayer:)`` if the layer does not carry
    ///   the stream, and the errors of ``impact(ofMSELoss:before:stream:relativeSensitivity:)``.
    public func impact(
        ofCastingLayer layer: Int,
        stream: Stream,
        mseLoss loss: Double,
        relativeSensitivity: Double? = nil
    ) throws(SensitivityError) -> Double {
        guard (0..<layerCount).contains(layer) else {
            throw .layerOutsideTables(layer: layer, last: layerCount - 1)
        }
        guard layers(of: stream).contains(layer) else {
            throw .streamNotInLayer(stream: stream, layer: layer, joinLayer: joinLayer)
        }
        return try impact(
            ofMSELoss: loss,
            before: layer + 1,
            stream: stream,
            relativeSensitivity: relativeSensitivity
        )
    }

    /// The size of the relative perturbation that a loss acts like: `δ = sqrt(12 · L / R)`.
    ///
    /// - Parameters:
    ///   - loss: The mean square error loss in the state, `L`.
    ///   - layer: The layer that the state stands before.
    ///   - stream: The stream of the state.
    /// - Returns: δ as a fraction: 0.01 is a perturbation of 1 %.
    /// - Throws: ``SensitivityError/unusableLoss(_:)`` for a loss that is negative or not finite, and the
    ///   errors of ``sensitivity(before:stream:)``.
    public func delta(
        ofMSELoss loss: Double,
        before layer: Int,
        stream: Stream
    ) throws(SensitivityError) -> Double {
        try Self.check(loss: loss)
        let meanSquare = try meanSquare(ofLayer: layer, stream: stream)
        return try Self.finite((12 * (loss / meanSquare)).squareRoot(), loss: loss)
    }

    /// The impact on the end with its constant: `IMPACT = 100 · δ · S`.
    ///
    /// An estimate of the loss at the end, and ``impactConstant`` times the impact of Table 3's kind.
    ///
    /// - Parameters:
    ///   - loss: The mean square error loss in the state, `L`.
    ///   - layer: The layer that the state stands before.
    ///   - stream: The stream of the state.
    /// - Returns: The impact with the constant, in the unit of Table 1.
    /// - Throws: As ``delta(ofMSELoss:before:stream:)``.
    public func fullImpact(
        ofMSELoss loss: Double,
        before layer: Int,
        stream: Stream
    ) throws(SensitivityError) -> Double {
        let delta = try delta(ofMSELoss: loss, before: layer, stream: stream)
        let sensitivity = try sensitivity(before: layer, stream: stream)
        return try Self.finite(100 * delta * sensitivity.mean, loss: loss)
    }

    /// Whether a state exists in the model although the page has no row for it.
    private func isUnlisted(before layer: Int, stream: Stream) -> Bool {
        layer == (stream == .x ? layerCount : joinLayer)
    }

    private static func check(loss: Double) throws(SensitivityError) {
        guard loss.isFinite, loss >= 0 else { throw .unusableLoss("\(loss)") }
    }

    /// The value itself, unless the loss was so large that it ran over.
    private static func finite(_ value: Double, loss: Double) throws(SensitivityError) -> Double {
        guard value.isFinite else { throw .unusableLoss("\(loss)") }
        return value
    }
}
