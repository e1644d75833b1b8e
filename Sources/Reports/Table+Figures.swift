import Tensors

extension Table.Cell {
    /// A size: `1.08 GB` for a person, bytes for a program.
    static func size(_ bytes: Int) -> Table.Cell {
        Table.Cell(ByteSize(bytes).decimal, value: .integer(bytes))
    }

    /// A size in the units of memory: `1.01 GiB` for a person, bytes for a program.
    static func memory(_ bytes: Int) -> Table.Cell {
        Table.Cell(ByteSize(bytes).binary, value: .integer(bytes))
    }

    /// A size in the units of memory for a person, in GiB for a program.
    static func gibibytes(_ bytes: Int) -> Table.Cell {
        Table.Cell(ByteSize(bytes).binary, value: .number(Double(bytes) / Double(1 << 30)))
    }

    /// The bits per weight of a file.
    static func bitsPerWeight(bytes: Int, parameters: Int) -> Table.Cell {
        Table.Cell(
            Figures.bitsPerWeight(bytes: bytes, parameters: parameters),
            value: .number(Double(bytes) * 8 / Double(max(1, parameters)))
        )
    }

    /// An impact, in the unit of its table.
    static func impact(_ impact: Double) -> Table.Cell {
        Table.Cell(Figures.impact(impact), value: .number(impact))
    }

    /// How much larger an impact is than another: a percentage for a person, the difference for a program.
    static func excess(_ impact: Double, over reference: Double) -> Table.Cell {
        Table.Cell(Figures.excess(impact, over: reference), value: .number(impact - reference))
    }

    /// A relative gap: a percentage for a person, the share for a program.
    static func gap(_ gap: Double) -> Table.Cell {
        Table.Cell(Figures.gap(gap), value: .number(gap))
    }

    /// A speed, in tokens per second.
    static func speed(_ speed: Double) -> Table.Cell {
        Table.Cell(Figures.speed(speed), value: .number(speed))
    }
}
