import Text
public import Runtimes

/// Where a card's memory goes, for people and for programs, without a plan.
public struct CardTable: Sendable {
    private let memory: CardMemory

    /// Creates a table of a card.
    public init(_ memory: CardMemory) {
        self.memory = memory
    }

    /// A row per part: what is left for weights, then what takes the rest.
    public var table: Table {
        var table = Table(columns: [
            Table.Column("Part", key: "part"), Table.Column("Size", .right, key: "bytes"),
            Table.Column("Basis", key: "basis"), Table.Column("Note", key: "note"),
        ])
        let left = memory.bytesForWeights
        table.append([
            "weights", Table.Cell.memory(left), "", "what is left for them",
        ])
        for claim in memory.claims {
            table.append([
                Table.Cell(claim.name),
                Table.Cell.memory(claim.bytes),
                Table.Cell(claim.certainty.rawValue), Table.Cell(claim.note),
            ])
        }
        return table
    }

    /// The lines for a terminal of so many columns.
    public func text(width: Int) -> String {
        let off = memory.offCardTensors.sorted()
        let shown = off.listed(atMost: 4, quoted: false)
        let text = off.isEmpty ? "" : "In the file, not on the card: \(shown)"
        let lines =
            CardSummary.lines(of: memory, width: width)
            + TerminalStyle.wrapped(text, width: max(40, width - 8)).map { "        " + $0 }
        return lines.joined(separator: "\n") + "\n"
    }
}
