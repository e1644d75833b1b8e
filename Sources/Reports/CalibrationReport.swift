import Foundation
public import Sensitivity
public import Tensors

/// Losses that were measured, by kind of layer.
public struct CalibrationReport: Sendable {
    private let losses: [MeasuredLoss]
    private let layers: [ModelLayer]

    /// Creates the report of some losses.
    ///
    /// - Parameters:
    ///   - losses: The losses.
    ///   - layers: The model's layers.
    public init(_ losses: [MeasuredLoss], layers: [ModelLayer]) {
        self.losses = losses
        self.layers = layers
    }

    /// A row per kind of layer and format: how many of the layers were measured, their mean loss, and the worst of them.
    public var kinds: Table {
        struct Key: Hashable {
            let kind: String
            let format: String
        }
        let kinds = Dictionary(layers.map { ($0.name, $0.kind) }) { first, _ in first }
        let counts = Dictionary(layers.map { ($0.kind, 1) }, uniquingKeysWith: +)
        var groups: [Key: [MeasuredLoss]] = [:]
        var order: [Key] = []
        for loss in losses {
            guard let kind = kinds[loss.layer] else { continue }
            let key = Key(kind: kind, format: loss.format)
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(loss)
        }
        var table = Table(columns: [
            Table.Column("Kind", key: "kind"), Table.Column("Format", key: "format"),
            Table.Column("Measured", .right, key: "measured"), Table.Column("Layers", .right, key: "layers"),
            Table.Column("Mean loss", .right, key: "loss"), Table.Column("±", .right, key: "standardError"),
            Table.Column("Worst layer", key: "worstLayer"),
            Table.Column("Its loss", .right, key: "worstLoss"),
        ])
        for key in order {
            guard let group = groups[key], let worst = group.max(by: { $0.loss < $1.loss }) else { continue }
            let count = Double(group.count)
            let errors = group.compactMap(\.standardError)
            let variance = errors.reduce(0) { $0 + $1 * $1 }
            table.append([
                Table.Cell(key.kind), Table.Cell(key.format), .integer(group.count),
                .integer(counts[key.kind] ?? 0), Self.number(group.reduce(0) { $0 + $1.loss } / count),
                // That of the mean is known only where that of every loss is.
                errors.count == group.count ? Self.number(variance.squareRoot() / count) : .empty,
                Table.Cell(worst.layer), Self.number(worst.loss),
            ])
        }
        return table
    }

    private static func number(_ number: Double) -> Table.Cell {
        Table.Cell(number == 0 ? "0" : String(format: "%.4g", number), value: .number(number))
    }
}
