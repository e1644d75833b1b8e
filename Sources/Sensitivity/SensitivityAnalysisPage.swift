/// The page of a sensitivity analysis, in Markdown: Tables 1 and 2 as a profile, Table 3 as impacts.
///
/// Each table stands below a heading `Table 1`, `Table 2`, `Table 3`, with its header first:
///
/// 1. `|perturb hidden states before layer|MSE loss at the end|…|`, the dashes, then a second header row
///    `|states perturbed|img|txt|x|`; rows of a layer's number and `mean +/- spread`.
/// 2. `|layer|MS(img)|MS(txt)|MS(x)|`; rows of a layer's number and positive numbers.
/// 3. `|layer|FORMAT|…|`; rows of a layer's name and impacts, blank or `inf` where a format is forbidden;
///    one empty row at the end is passed over and reported by the lint.
///
/// In Tables 1 and 2 the layers run from 0 without a gap, the same in both; a row has `img` and `txt`, or,
/// from the layer on before which they are joined, only `x`. Anything else in a table is an error; text
/// between the tables is not looked at, but a row of a table that belongs to none of the three is an error
/// too.
public struct SensitivityAnalysisPage: Hashable, Sendable {
    /// Tables 1 and 2.
    public let profile: SensitivityProfile
    /// Table 3.
    public let impacts: ImpactTable

    /// Puts tables together that were measured, to be written as ``markdown``.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` if a state was not measured, no layer was cast, or the name of
    ///   a layer or format has a bar in it.
    public init(_ tables: MeasuredTables) throws(SensitivityError) {
        guard let impacts = tables.impacts else {
            throw .unusableMeasurement(
                "no layer was cast, so there is no Table 3: capture losses of casts as well"
            )
        }
        // Names of formats come from captures, and a bar would end their cell.
        guard !impacts.formats.contains(where: { $0.contains("|") }) else {
            throw .unusableMeasurement(
                "a format has a bar in its name, which a table in Markdown cannot have: rename it"
            )
        }
        profile = try tables.profile().withoutEnd
        self.impacts = impacts
    }

    /// Reads a page.
    ///
    /// - Parameters:
    ///   - markdown: The text of the page.
    ///   - name: The name of the profile and of the table of impacts, which messages also give as the file.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` or
    ///   ``SensitivityError/missingTable(file:number:)``.
    public init(markdown: String, name: String) throws(SensitivityError) {
        try self.init(markdown: markdown, name: name, file: name)
    }

    /// Reads a page that messages call by the name of a file.
    init(
        markdown: String,
        name: String,
        profileName: String? = nil,
        file: String
    ) throws(SensitivityError) {
        let tables = try Self.tables(in: markdown, file: file)
        guard let first = tables[1] else { throw .missingTable(file: file, number: 1) }
        guard let second = tables[2] else { throw .missingTable(file: file, number: 2) }
        guard let third = tables[3] else { throw .missingTable(file: file, number: 3) }
        profile = try Self.profile(first, second, name: profileName ?? name, file: file)
        impacts = try ImpactTable(
            name: name,
            file: file,
            wideHeader: third.header,
            rows: third.rows,
            emptyRows: third.emptyRows
        ).with(meaning: .tableThree)
    }

    /// The number in a heading `Table 1` … `Table 3`, or nil if a line is no such heading.
    static func tableNumber(ofHeading line: TextLine) -> Int? {
        let bytes = line.text.utf8
        guard bytes.first == UInt8(ascii: "#") else { return nil }
        let title = bytes.drop { $0 == UInt8(ascii: "#") }
        switch CellText.trimmed(Substring(title)) {
        case "Table 1": return 1
        case "Table 2": return 2
        case "Table 3": return 3
        default: return nil
        }
    }

    private static func tables(
        in markdown: String,
        file: String
    ) throws(SensitivityError) -> [Int: MarkdownTable] {
        let lines = TextLine.lines(of: markdown)
        var tables: [Int: MarkdownTable] = [:]
        var position = 0
        while position < lines.count {
            let line = lines[position]
            if let number = tableNumber(ofHeading: line) {
                guard tables[number] == nil else {
                    throw .badTable(file: file, line: line.number, problem: .tableTwice(number: number))
                }
                let start = lines[(position + 1)...].firstIndex { !$0.isBlank }
                guard let start, MarkdownTable.isRow(lines[start]) else {
                    throw .missingTable(file: file, number: number)
                }
                let table = try MarkdownTable(lines: lines, at: start, file: file)
                tables[number] = table
                position = table.end
            } else if line.text.utf8.first == UInt8(ascii: "|") {
                throw .badTable(file: file, line: line.number, problem: .strayRow(String(line.text)))
            } else {
                position += 1
            }
        }
        return tables
    }

    /// The three cells of a row of Table 1 or 2 that are not blank.
    private enum Streams<Value> {
        case apart(img: Value, txt: Value)
        case joined(x: Value)
    }

    private static func profile(
        _ first: MarkdownTable,
        _ second: MarkdownTable,
        name: String,
        file: String
    ) throws(SensitivityError) -> SensitivityProfile {
        try check(
            first.header,
            is: ["perturb hidden states before layer"] + repeatElement("MSE loss at the end", count: 3),
            file: file
        )
        guard let secondHeader = first.rows.first else {
            throw TextPosition(file: file, line: first.header.line).error(.noLayers)
        }
        try check(secondHeader, is: ["states perturbed", "img", "txt", "x"], file: file)
        try check(second.header, is: ["layer", "MS(img)", "MS(txt)", "MS(x)"], file: file)

        let sensitivities = try streams(
            first,
            rows: first.rows.dropFirst(),
            file: file,
            value: CellText.measurement
        )
        let meanSquares = try streams(second, rows: second.rows[...], file: file, value: positive)
        let differ = TextPosition(file: file, line: second.header.line).error(.layersDiffer)
        guard sensitivities.count == meanSquares.count else { throw differ }
        var img: [SensitivityProfile.State] = []
        var txt: [SensitivityProfile.State] = []
        var x: [SensitivityProfile.State] = []
        for pair in zip(sensitivities, meanSquares) {
            switch pair {
            case (.apart(let imgS, let txtS), .apart(let imgR, let txtR)):
                img.append(SensitivityProfile.State(sensitivity: imgS, meanSquare: imgR))
                txt.append(SensitivityProfile.State(sensitivity: txtS, meanSquare: txtR))
            case (.joined(let xS), .joined(let xR)):
                x.append(SensitivityProfile.State(sensitivity: xS, meanSquare: xR))
            default:
                throw differ
            }
        }
        return SensitivityProfile(name: name, img: img, txt: txt, x: x)
    }

    private static func check(
        _ row: TableRow,
        is expected: [Substring],
        file: String
    ) throws(SensitivityError) {
        guard row.cells == expected else {
            throw TextPosition(file: file, line: row.line)
                .error(.unexpectedHeader(row.excerpt, expected: expected.joined(separator: "|")))
        }
    }

    /// The rows of Table 1 or 2, whose layers must run from 0.
    private static func streams<Value>(
        _ table: MarkdownTable,
        rows: ArraySlice<TableRow>,
        file: String,
        value: (Substring, TextPosition) throws(SensitivityError) -> Value
    ) throws(SensitivityError) -> [Streams<Value>] {
        if let line = table.emptyRows.first {
            throw TextPosition(file: file, line: line).error(.namelessLayer)
        }
        guard let firstLine = rows.first?.line else {
            throw TextPosition(file: file, line: table.header.line).error(.noLayers)
        }
        var streams: [Streams<Value>] = []
        var areJoined = false
        for row in rows {
            let position = TextPosition(file: file, line: row.line)
            try row.check(cellCount: 4, file: file)
            let number = row.cells[0]
            guard let layer = CellText.index(number), layer <= streams.count else {
                throw position.error(
                    number.isEmpty
                        ? .namelessLayer : .layerOutOfOrder(String(number), expected: streams.count)
                )
            }
            guard layer == streams.count else {
                throw position.error(.layerTwice(String(number), firstLine: firstLine + layer))
            }
            switch (row.cells[1].isEmpty, row.cells[2].isEmpty, row.cells[3].isEmpty) {
            case (false, false, true) where !areJoined:
                streams.append(
                    .apart(img: try value(row.cells[1], position), txt: try value(row.cells[2], position))
                )
            case (true, true, false):
                areJoined = true
                streams.append(.joined(x: try value(row.cells[3], position)))
            default:
                throw position.error(.mixedStreams(layer: layer))
            }
        }
        return streams
    }

    private static func positive(
        _ cell: Substring,
        at position: TextPosition
    ) throws(SensitivityError) -> Double {
        let value = try CellText.number(cell, at: position)
        guard value > 0 else { throw position.error(.notPositive(String(cell))) }
        return value
    }
}
