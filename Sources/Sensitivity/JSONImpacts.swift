import Tensors
import Text

/// Reads the project's own impact tables in JSON.
///
/// Long, one object per cell; the array may also stand alone:
///
/// ```json
/// {"impacts": [
///   {"layer": "layer00.img", "format": "Q4_1", "impact": 0.46},
///   {"layer": "layer00.img", "format": "Q8_0", "impact": null}
/// ]}
/// ```
///
/// 1. `layer`, a string, or a whole number for layers that are only numbered.
/// 2. `format`, a string.
/// 3. `impact`, a number that is not negative; `null` or `"inf"` forbids the format.
/// 4. `standardError`, its standard error, a number that is not negative; it may be missing or `null`.
///
/// A cell that is there twice is an error; a layer and a format without a cell are forbidden.
///
/// Wide, one object per layer with a member per format, in the order of the model:
///
/// ```json
/// {"layers": {"layer00.img": {"Q4_1": 0.46, "Q8_0": null}}}
/// ```
///
/// A layer that is there twice is an error. Of a format that is there twice in one layer the last value counts, as
/// with every JSON decoder, and the lint reports both.
///
/// Beside `impacts` or `layers` may stand what the cells are: `kind`, `unit`, `method` and `importance`, see
/// ``ImpactMeaning``. Other members of the objects are allowed and not read.
enum JSONImpacts {
    /// Reads the array of the long form.
    static func long(
        _ entries: [TableObject],
        name: String,
        file: String
    ) throws(SensitivityError) -> ImpactTable {
        var table = SparseTable(file: file, repetition: .refused)
        var problems = ProblemList(file: file)
        for entry in entries {
            let layer = try entry.value("layer")
            let format = try entry.value("format")
            let formatName = try entry.string("format")
            let impact = try entry.value("impact")
            guard let layerName = Self.layerName(layer) else {
                throw entry.unexpected(layer, "a string")
            }
            guard let text = cellText(impact) else {
                throw entry.unexpected(impact, "a number, null or \"inf\"")
            }
            var errorText: Substring = ""
            if let error = entry["standardError"] {
                guard let text = cellText(error) else {
                    throw entry.unexpected(error, "a number or null")
                }
                errorText = text
            }
            _ = try problems.collect { () throws(SensitivityError) in
                let position = TextPosition(file: file, line: impact.node.line)
                let cell = try CellText.impact(text, at: position)
                let error =
                    try errorText.isEmpty
                    ? nil : CellText.number(errorText, .standardError, at: position)
                let row = try table.row(ofLayer: layerName, line: layer.node.line)
                let canonical = ImpactTable.canonicalFormat(formatName)
                let column = try table.column(
                    ofFormat: canonical,
                    spelling: canonical,
                    line: format.node.line
                )
                try table.add(cell, row: row, column: column, line: entry.line, standardError: error)
            }
        }
        try problems.check()
        return try table.table(name: name, findings: [])
    }

    /// Reads the object of the wide form.
    static func wide(
        _ layers: JSONPlace,
        name: String,
        file: String
    ) throws(SensitivityError) -> ImpactTable {
        guard case .object(let members) = layers.node.value else {
            throw SensitivityError(layers.unexpected("an object with a member per layer"), ofTable: file)
        }
        var nested: [NestedCells] = []
        var problems = ProblemList(file: file)
        for member in members {
            let layer = JSONPlace(member.value, at: .member(of: layers.path, member.key))
            guard case .object(let formats) = member.value.value else {
                throw SensitivityError(layer.unexpected("an object with a member per format"), ofTable: file)
            }
            var cells: [(format: String, cell: ImpactCell, line: Int)] = []
            for format in formats {
                let position = TextPosition(file: file, line: format.value.line)
                let place = JSONPlace(format.value, at: .member(of: layer.path, format.key))
                guard let text = cellText(place) else {
                    throw SensitivityError(place.unexpected("a number, null or \"inf\""), ofTable: file)
                }
                let cell = try problems.collect { () throws(SensitivityError) in
                    try CellText.impact(text, at: position)
                }
                cells.append((format.key, cell ?? .forbidden(.blank), format.line))
            }
            nested.append(NestedCells(layer: member.key, line: member.line, cells: cells))
        }
        try problems.check()
        return try ImpactTable(name: name, file: file, nested: nested, importsFormats: false)
    }

    /// The text of a cell as CSV would have it, or nil for what no cell is.
    private static func cellText(_ place: JSONPlace) -> Substring? {
        switch place.node.value {
        case .number(let text): text[...]
        case .string(let text): CellText.trimmed(text[...])
        case .null: ""
        case .object, .array, .boolean: nil
        }
    }

    private static func layerName(_ place: JSONPlace) -> String? {
        switch place.node.value {
        case .string(let text): text
        case .number(let text): CellText.index(text[...]).map(String.init)
        default: nil
        }
    }
}
