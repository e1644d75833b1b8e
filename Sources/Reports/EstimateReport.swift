public import Estimation
import Foundation
import Sensitivity
import Tensors

/// Impacts that were estimated from weights, with what is uncertain of them.
public struct EstimateReport: Sendable {
    private let impacts: EstimatedImpacts

    /// Creates the report of a model's impacts.
    public init(_ impacts: EstimatedImpacts) {
        self.impacts = impacts
    }

    /// A row per format: how many layers it fits, their combined impact (the root of the sum of squares, or the sum where impacts
    /// are losses), and the worst of them.
    public var formats: Table {
        var table = Table(columns: [
            Table.Column("Format", key: "format"), Table.Column("Bits", .right, key: "bitsPerWeight"),
            Table.Column("Layers", .right, key: "layers"),
            Table.Column("All combined", .right, key: "impact"),
            Table.Column("±", .right, key: "standardError"), Table.Column("Worst layer", key: "worstLayer"),
            Table.Column("Its impact", .right, key: "worstImpact"),
        ])
        for (index, name) in impacts.formats.enumerated() {
            let cells = impacts.cells.enumerated().compactMap { layer, row in
                row[index].flatMap { $0.impact.value.isFinite ? (layer, $0.impact) : nil }
            }
            guard let worst = cells.max(by: { $0.1.value < $1.1.value }) else { continue }
            let addsUp = impacts.meaning.kind == .loss
            let combined =
                addsUp
                ? cells.reduce(0) { $0 + $1.1.value }
                : cells.reduce(0) { $0 + $1.1.value * $1.1.value }.squareRoot()
            // To first order, d√(Σx²) = Σ x·dx / √(Σx²).
            let sampling = cells.reduce(0) {
                let share = addsUp ? 1 : combined > 0 ? $1.1.value / combined : 0
                return $0 + share * $1.1.standardError * share * $1.1.standardError
            }
            // What the table as a whole may be off by, as of losses by gradients, is beside what sampling leaves.
            let whole = (impacts.meaning.uncertainty ?? 0) * combined
            let variance = sampling + whole * whole
            table.append([
                Table.Cell(name),
                Self.number(QuantizationFormat(named: name)?.bitsPerWeight ?? 0),
                .integer(cells.count),
                Self.number(combined),
                Self.number(variance.squareRoot()),
                Table.Cell(impacts.layers[worst.0]),
                Self.number(worst.1.value),
            ])
        }
        return table
    }

    /// A row per layer and format.
    public var cells: Table {
        var table = Table(columns: [
            Table.Column("Layer", key: "layer"), Table.Column("Format", key: "format"),
            Table.Column("Loss", .right, key: "loss"), Table.Column("±", .right, key: "lossStandardError"),
            Table.Column("Impact", .right, key: "impact"),
            Table.Column("±", .right, key: "impactStandardError"),
        ])
        for (layer, row) in zip(impacts.layers, impacts.cells) {
            for (format, cell) in zip(impacts.formats, row) {
                guard let cell else { continue }
                table.append([
                    Table.Cell(layer), Table.Cell(format), cell.loss.map { Self.number($0.value) } ?? .empty,
                    cell.loss.map { Self.number($0.standardError) } ?? .empty, Self.number(cell.impact.value),
                    Self.number(cell.impact.standardError),
                ])
            }
        }
        return table
    }

    private static func number(_ number: Double) -> Table.Cell {
        guard number.isFinite else { return "inf" }
        return Table.Cell(number == 0 ? "0" : String(format: "%.4g", number), value: .number(number))
    }
}
