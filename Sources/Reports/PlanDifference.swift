import Tensors

/// What changes from one plan to another: the layers that take another format, up or down.
public struct PlanDifference: Hashable, Sendable {
    /// One layer as a plan has it.
    public struct Layer: Hashable, Sendable {
        /// The layer's name.
        public var name: String
        /// The format it takes.
        public var format: String
        /// Its bytes.
        public var bytes: Int
        /// Its impact.
        public var impact: Double

        /// Creates a layer.
        public init(name: String, format: String, bytes: Int, impact: Double) {
            self.name = name
            self.format = format
            self.bytes = bytes
            self.impact = impact
        }
    }

    /// A layer whose format changes.
    public struct Change: Hashable, Sendable {
        /// The layer in the first plan.
        public let before: Layer
        /// The layer in the second plan.
        public let after: Layer

        /// Whether the layer gets more bits per weight, or fewer; of formats of one size, whether its impact falls.
        public var isUp: Bool {
            let bits = [before.format, after.format].map { QuantizationFormat(named: $0)?.bitsPerWeight }
            if let from = bits[0], let to = bits[1], from != to { return to > from }
            if after.bytes != before.bytes { return after.bytes > before.bytes }
            return after.impact < before.impact
        }
    }

    /// The layers that change, in the order of the first plan.
    public let changes: [Change]
    /// The number of layers of the first plan.
    public let layerCount: Int

    /// Compares two plans whose layers have the same names.
    ///
    /// - Returns: `nil` where a layer of one is missing in the other.
    public init?(from first: [Layer], to second: [Layer]) {
        var layers: [String: Layer] = [:]
        for layer in second { layers[layer.name] = layer }
        guard first.count == second.count, layers.count == second.count,
            Set(first.map(\.name)).count == first.count
        else { return nil }
        var changes: [Change] = []
        for layer in first {
            guard let other = layers[layer.name] else { return nil }
            if other.format != layer.format {
                changes.append(Change(before: layer, after: other))
            }
        }
        self.changes = changes
        layerCount = first.count
    }

    /// The number of layers that get more bits.
    public var upCount: Int { changes.count(where: \.isUp) }

    /// The number of layers that get fewer bits.
    public var downCount: Int { changes.count - upCount }

    /// How many layers change, in a phrase: `13 of 76 layers change, 2 up and 11 down`.
    public var summary: String {
        switch changes.count {
        case 0: layerCount == 1 ? "the one layer does not change" : "none of \(layerCount) layers changes"
        case 1:
            "\(layerCount == 1 ? "the one layer" : "1 of \(layerCount) layers") changes, \(upCount == 1 ? "up" : "down")"
        default: "\(changes.count) of \(layerCount) layers change, \(upCount) up and \(downCount) down"
        }
    }

    /// A row per layer that changes.
    public func table() -> Table {
        var table = Table(columns: [
            Table.Column("Layer", key: "layer"), Table.Column("", key: "direction"),
            Table.Column("From", key: "from"), Table.Column("To", key: "to"),
            Table.Column("Bytes before", .right, key: "bytesBefore"),
            Table.Column("Bytes after", .right, key: "bytesAfter"),
            Table.Column("Size", .right, key: "bytesChange"),
            Table.Column("Impact before", .right, key: "impactBefore"),
            Table.Column("Impact after", .right, key: "impactAfter"),
            Table.Column("Impact", .right, key: "impactChange"),
        ])
        for change in changes {
            let (before, after) = (change.before, change.after)
            let bytes = after.bytes.subtractingReportingOverflow(before.bytes).partialValue
            table.append([
                Table.Cell(before.name), Table.Cell(change.isUp ? "up" : "down"),
                Table.Cell(before.format), Table.Cell(after.format),
                Table.Cell.size(before.bytes),
                Table.Cell.size(after.bytes),
                Table.Cell(Figures.signed(bytes: bytes), value: .integer(bytes)),
                Table.Cell.impact(before.impact),
                Table.Cell.impact(after.impact),
                Table.Cell(
                    Figures.difference(after.impact - before.impact),
                    value: .number(after.impact - before.impact)
                ),
            ])
        }
        return table
    }

    /// The changes grouped by direction and formats, a line each: `up    Q4_1 → Q5_1  layer03-05.txt`.
    public func lines(width: Int) -> [String] {
        var order: [String] = []
        var names: [String: [String]] = [:]
        for change in changes.sorted(by: { $0.isUp && !$1.isUp }) {
            let key = "\(change.isUp ? "up  " : "down")  \(change.before.format) to \(change.after.format)"
            if names[key] == nil { order.append(key) }
            names[key, default: []].append(change.before.name)
        }
        let indent = order.reduce(0) { max($0, $1.count) } + 2
        return order.flatMap { key in
            LayerRanges(names[key] ?? []).lines(width: max(24, width - indent)).enumerated().map {
                index,
                line in
                Table.padded(index == 0 ? key : "", to: indent, .left) + line
            }
        }
    }
}
