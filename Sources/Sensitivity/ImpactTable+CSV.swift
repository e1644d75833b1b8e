import Text

extension ImpactTable {
    /// The table as the project's own CSV, in wide form, or in long form where it has ``standardErrors``.
    ///
    /// ```
    /// layer,Q4_1,float8_e4m3fn,Q5_1,Q8_0
    /// layer18.img,0.05826942559120341,inf,0.041675650518199624,
    /// ```
    ///
    /// ```
    /// layer,format,impact,standardError
    /// blk.0.attn_q.weight,Q4_0,0.000713,0.000081
    /// ```
    ///
    /// What the table says of its cells stands in comments before the header, see ``ImpactMeaning``; a table that says
    /// nothing has none. Impacts are the shortest decimals that read back as the same number; a blank cell and `inf` are kept
    /// apart; a name with a comma or a quote stands in quotes. Lines end with a line feed. Reading it gives
    /// the same layers, formats, cells and meaning, so the same ``digest``, unless the table has ``byteCounts``, for which
    /// CSV has no place.
    public func csv() -> String {
        if let standardErrors { return longCSV(standardErrors) }
        var text = meaning.comments + "layer"
        for format in formats {
            text += "," + format.csvField
        }
        text += "\n"
        for (layer, row) in zip(layers, cells) {
            text += layer.csvField
            for cell in row { text += "," + Self.csv(cell) }
            text += "\n"
        }
        return text
    }

    private func longCSV(_ standardErrors: [[Double?]]) -> String {
        var text = meaning.comments + "layer,format,impact,standardError\n"
        for ((layer, row), errors) in zip(zip(layers, cells), standardErrors) {
            for ((format, cell), error) in zip(zip(formats, row), errors) {
                text += "\(layer.csvField),\(format.csvField),\(Self.csv(cell)),"
                text += (error.map { "\($0)" } ?? "") + "\n"
            }
        }
        return text
    }

    private static func csv(_ cell: ImpactCell) -> String {
        switch cell {
        case .impact(let value): value.description
        case .forbidden(.infinite): "inf"
        case .forbidden(.blank): ""
        }
    }
}
