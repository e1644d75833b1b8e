/// Which streams a stack of layers carries where.
///
/// A stack has one stream, `x`, from the beginning; or two, `img` and `txt`, to the end; or `img` and `txt` up to the
/// layer before which they are joined into `x`, as FLUX.1 has it.
public struct StackShape: Hashable, Sendable {
    /// The number of layers.
    public let layerCount: Int
    /// The layer before which `img` and `txt` are joined into `x`: 0 where there is only `x`, the number of layers where
    /// they are joined only in the state that leaves the last one, `nil` where they never are.
    public let joinLayer: Int?

    /// The most layers that a stack may have.
    public static let layerLimit = 100_000

    /// Creates a shape.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for no layers, more than ``layerLimit``, and a joining
    ///   outside the stack.
    public init(layerCount: Int, joinLayer: Int?) throws(SensitivityError) {
        guard (1...Self.layerLimit).contains(layerCount) else {
            throw .unusableMeasurement("a stack has \(layerCount) layers: give 1 to \(Self.layerLimit)")
        }
        if let joinLayer {
            guard (0...layerCount).contains(joinLayer) else {
                throw .unusableMeasurement(
                    "the streams are joined before layer \(joinLayer): give one of 0 to \(layerCount)"
                )
            }
        }
        self.layerCount = layerCount
        self.joinLayer = joinLayer
    }

    /// The streams of the state before a layer, in the order in which their values are given.
    ///
    /// - Parameter layer: A layer, or the number of layers for the state that leaves the last one.
    /// - Returns: `img` and `txt`, or `x`.
    public func streams(before layer: Int) -> [Stream] {
        layer < joinLayer ?? .max ? [.img, .txt] : [.x]
    }

    /// Every state, from those that enter the stack to those that leave it.
    public var states: [HiddenState] {
        (0...layerCount).flatMap { layer in
            streams(before: layer).map { HiddenState(before: layer, stream: $0) }
        }
    }

    /// Every pair of a layer and one of its streams: what Table 3 has a row for.
    public var layers: [(layer: Int, stream: Stream)] {
        (0..<layerCount).flatMap { layer in streams(before: layer).map { (layer, $0) } }
    }

    /// The state that the error of a cast layer enters: that of its stream after it, or of `x` where they are joined.
    public func state(after layer: Int, stream: Stream) -> HiddenState {
        let streams = streams(before: layer + 1)
        return HiddenState(before: layer + 1, stream: streams.contains(stream) ? stream : .x)
    }

    /// The name that Table 3 gives a layer's stream, its number padded to that of the last layer: `layer05.img`.
    public func name(of layer: Int, stream: Stream) -> String {
        let width = max(2, String(layerCount - 1).count)
        let number = String(layer)
        return
            "layer\(String(repeating: "0", count: max(0, width - number.count)))\(number).\(stream.rawValue)"
    }

    /// Whether a state exists.
    func contains(_ state: HiddenState) -> Bool {
        (0...layerCount).contains(state.layer) && streams(before: state.layer).contains(state.stream)
    }
}
