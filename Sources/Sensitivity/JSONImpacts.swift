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
        _ elements: [JSONNode],
        name: String,
        file: String
    ) throws(SensitivityError) -> ImpactTable {
        var table = SparseTable(file: file, repetition: .refused)
        var problems = ProblemList(file: file)
        for (index, element) in elements.enumerated() {
            let entry = try JSONMembers(element, place: "entry \(index + 1)", file: file)
            let layer = try entry.value("layer")
            let format = try entry.value("format")
            let impact = try entry.value("impact")
            guard let layerName = Self.layerName(layer) else {
                throw entry.unexpected(layer, member: "layer", expected: "a string")
            }
            guard case .string(let formatName) = format.value else {
                throw entry.unexpected(format, member: "format", expected: "a string")
            }
            guard let text = cellText(impact) else {
                throw entry.unexpected(impact, member: "impact", expected: "a number, null or \"inf\"")
            }
            var errorText: Substring = ""
            if let error = entry["standardError"] {
                guard let text = cellText(error) else {
                    throw entry.unexpected(error, member: "standardError", expected: "a number or null")
                }
                errorText = text
            }
            _ = try problems.collect { () throws(SensitivityError) in
                let position = TextPosition(file: file, line: impact.line)
                let cell = try CellText.impact(text, at: position)
                let error = try errorText.isEmpty ? nil : CellText.number(errorText, at: position)
                let row = try table.row(ofLayer: layerName, line: layer.line)
                let canonical = ImpactTable.canonicalFormat(formatName)
                let column = try table.column(ofFormat: canonical, spelling: canonical, line: format.line)
                try table.add(cell, row: row, column: column, line: element.line, standardError: error)
            }
        }
        try problems.check()
        return try table.table(name: name, findings: [])
    }

    /// Reads the object of the wide form.
    static func wide(
        _ layers: JSONNode,
        name: String,
        file: String
    ) throws(SensitivityError) -> ImpactTable {
        guard case .object(let members) = layers.value else {
            throw TextPosition(file: file, line: layers.line)
                .error(
                    .unexpectedValue(
                        "'layers' is \(layers.kind)",
                        expected: "an object with a member per layer"
                    )
                )
        }
        var nested: [NestedCells] = []
        var problems = ProblemList(file: file)
        for member in members {
            guard case .object(let formats) = member.value.value else {
                throw TextPosition(file: file, line: member.value.line).error(
                    .unexpectedValue(
                        "layer \(Excerpt(member.key)) is \(member.value.kind)",
                        expected: "an object with a member per format"
                    )
                )
            }
            var cells: [(format: String, cell: ImpactCell, line: Int)] = []
            for format in formats {
                let position = TextPosition(file: file, line: format.value.line)
                guard let text = cellText(format.value) else {
                    throw position.error(
                        .unexpectedValue(
                            "\(Excerpt(format.key)) of layer \(Excerpt(member.key)) is \(format.value.kind)",
                            expected: "a number, null or \"inf\""
                        )
                    )
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
    private static func cellText(_ node: JSONNode) -> Substring? {
        switch node.value {
        case .number(let text): text[...]
        case .string(let text): CellText.trimmed(text[...])
        case .null: ""
        case .object, .array, .boolean: nil
        }
    }

    private static func layerName(_ node: JSONNode) -> String? {
        switch node.value {
        case .string(let text): text
        case .number(let text): CellText.index(text[...]).map(String.init)
        default: nil
        }
    }
}
