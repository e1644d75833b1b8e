extension ImpactTable {
    /// The table as the project's own CSV, in wide form.
    ///
    /// ```
    /// layer,Q4_1,float8_e4m3fn,Q5_1,Q8_0
    /// layer18.img,0.05826942559120341,inf,0.041675650518199624,
    /// ```
    ///
    /// What the table says of its cells stands in comments before the header, see ``ImpactMeaning``; a table that says
    /// nothing has none. Impacts are the shortest decimals that read back as the same number; a blank cell and `inf` are kept
    /// apart; a name with a comma or a quote stands in quotes. Lines end with a line feed. Reading it gives
    /// the same layers, formats, cells and meaning, so the same ``digest``, unless the table has ``byteCounts``, for which
    /// CSV has no place.
    public func csv() -> String {
        var text = meaning.comments + "layer"
        for format in formats {
            text += "," + Self.quoted(format)
        }
        text += "\n"
        for (layer, row) in zip(layers, cells) {
            text += Self.quoted(layer)
            for cell in row {
                text += ","
                switch cell {
                case .impact(let value): text += value.description
                case .forbidden(.infinite): text += "inf"
                case .forbidden(.blank): break
                }
            }
            text += "\n"
        }
        return text
    }

    private static func quoted(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else {
            return name
        }
        var quoted = "\""
        for scalar in name.unicodeScalars {
            quoted.unicodeScalars.append(scalar)
            if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
        }
        return quoted + "\""
    }
}
