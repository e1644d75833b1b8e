import Text

/// What is wrong with a table.
public enum TableProblem: Hashable, Sendable, CustomStringConvertible {
    /// The first row is no header that is known.
    case unknownHeader(String)
    /// The cells of a CSV text are kept apart by something else than commas.
    case otherSeparator(String)
    /// A number is written with a comma in place of the point.
    case decimalComma(String)
    /// A header of Table 1 or 2 is not that of the page.
    case unexpectedHeader(String, expected: String)
    /// The second row of a Markdown table does not separate the header from the rows.
    case noSeparator(String)
    /// A row of a Markdown table does not begin and end as its header does.
    case missingPipe(String)
    /// A row stands outside the tables that are read.
    case strayRow(String)
    /// A table stands twice in the document; the number is that of its heading.
    case tableTwice(number: Int)
    /// The table has no columns for formats.
    case noFormats
    /// The table has no rows.
    case noLayers
    /// The table is larger than any that is meant.
    case tooLarge(layers: Int, formats: Int)
    /// The number of rows is not that of the layers.
    case rowCount(found: Int, expected: Int)
    /// A row has too few or too many cells.
    case cellCount(found: Int, expected: Int)
    /// A row has cells but no name for its layer.
    case namelessLayer
    /// A column has no name for its format, or a line no format.
    case namelessFormat
    /// A name has control characters, spaces at its ends, or is a word of the header.
    case unusableName(String)
    /// A format is there twice, or in two spellings.
    case formatTwice(String, earlier: String)
    /// A layer is there twice; the line is that of its first row, if there are lines.
    case layerTwice(String, firstLine: Int?)
    /// A cell is there twice in long form.
    case cellTwice(layer: String, format: String, firstLine: Int, first: ImpactCell, second: ImpactCell)
    /// A layer and a format have a loss twice.
    case lossTwice(layer: String, format: String, firstLine: Int)
    /// The header is not that of a file of losses.
    case notLosses(String)
    /// The file holds losses of single layers, which are not impacts yet.
    case lossesNotImpacts
    /// A layer's number does not follow the one before.
    case layerOutOfOrder(String, expected: Int)
    /// A row of Table 1 or 2 does not have either `img` and `txt` or `x`.
    case mixedStreams(layer: Int)
    /// Tables 1 and 2 do not have the same layers and streams.
    case layersDiffer
    /// A cell is NaN.
    case notANumber(String)
    /// A cell is below zero.
    case negative(String)
    /// So many cells of losses are below zero that chance does not explain it.
    case belowZero(count: Int, of: Int, lowest: String)
    /// A cell is zero where only a positive number has a meaning.
    case notPositive(String)
    /// A cell is a number too large or too small to be kept.
    case outOfRange(String)
    /// A cell is no number, and none that forbids a format.
    case unreadableCell(String)
    /// A number that is no impact, so that nothing can be forbidden by it, is none that can be kept.
    case unusableNumber(String, of: NumberUse)
    /// A cell is no number where only one has a meaning.
    case unreadableNumber(String)
    /// A quoted cell is not closed in its line, or a quote stands where none may.
    case unbalancedQuote
    /// The text has a control character; its hexadecimal code point is given.
    case controlCharacter(UInt32)
    /// A line has more cells than any table has.
    case tooManyCells(limit: Int)
    /// All rows together have more cells than any table has.
    case tooManyCellsInAll(limit: Int)
    /// A text has more lines than any table.
    case tooManyLines(limit: Int)
    /// A text that begins as JSON does is none.
    case notJSON(String)
    /// The JSON is none of those that are known.
    case unknownJSON
    /// A text that begins as YAML does is none that can be read.
    case notYAML(String)
    /// The YAML has an anchor.
    case anchor
    /// A key stands twice in a mapping of YAML, where both cannot be told apart.
    case keyTwice(String)
    /// A value is of another kind than it must be.
    case unexpectedValue(String, expected: String)
    /// A value of JSON is not what it must be, or is not there; the sentence says which, by the way to it.
    case json(String)
    /// The caller gave numbers of weights, but none for the layer.
    case noParameterCount(layer: String)

    /// The cause and the remedy, in one clause.
    public var description: String {
        switch self {
        case .unknownHeader(let row):
            "the header \(row.quoted) is not known: begin with 'layer,format,impact' or 'layer'"
                + " and one column per format"
        case .otherSeparator(let name):
            "the cells are kept apart by \(name): save the table with commas between cells and points in numbers"
        case .decimalComma(let cell):
            "the cell \(cell.quoted) has a comma in place of the point: write \(cell.replacing(",", with: "."))"
        case .unexpectedHeader(let row, let expected):
            "the header \(row.quoted) is not that of the page: write '\(expected)'"
        case .noSeparator(let row):
            "\(row.quoted) is not the separator below a header: write one '-' per column between bars"
        case .missingPipe(let row):
            "the row \(row.quoted) does not begin and end as the header does: add the missing '|'"
        case .strayRow(let row):
            "the row \(row.quoted) is in none of the tables: move it into its table or delete it"
        case .tableTwice(let number): "Table \(number) is there twice: delete one of the two"
        case .noFormats: "the table has no format: add a column per format"
        case .noLayers: "the table has no layer: add a row per layer"
        case .tooLarge(let layers, let formats):
            "the table has \(layers.of("layer")) and \(formats.of("format")): keep to"
                + " \(ImpactTable.formatLimit) formats and \(ImpactTable.cellLimit) cells"
        case .rowCount(let found, let expected):
            "the table has \(found.of("row")) for \(expected.of("layer")): give"
                + " one row per layer"
        case .cellCount(let found, let expected):
            "the row has \(found.of("cell")) where \(expected) belong: leave a"
                + " cell blank rather than out"
        case .namelessLayer: "the row has no layer: name it in the first cell"
        case .namelessFormat: "the format has no name: give one"
        case .unusableName(let name):
            "\(name.quoted) cannot be a name: leave out control characters, spaces at"
                + " the ends and words of the header"
        case .formatTwice(let name, let earlier):
            name == earlier
                ? "the format \(name.quoted) is there twice: delete one of the two"
                : "the format \(name.quoted) was spelt \(earlier.quoted) before: use one spelling"
        case .layerTwice(let name, let line):
            "the layer \(name.quoted) is there twice" + (line.map { ", first on line \($0)" } ?? "")
                + ": delete one of the two"
        case .cellTwice(let layer, let format, let line, let first, let second):
            "\(layer.quoted) has \(format.quoted) twice, \(first) on line \(line) and \(second) here: delete one"
                + " of the two"
        case .lossTwice(let layer, let format, let line):
            "\(layer.quoted) has \(format.quoted) twice, first on line \(line): delete one of the two"
        case .notLosses(let row):
            "the header \(row.quoted) is not that of losses: write 'layer,format,loss', or that and 'standardError'"
        case .lossesNotImpacts:
            "these are measured losses of single layers; let plan estimate complete them to a table of impacts"
        case .layerOutOfOrder(let found, let expected):
            "the layer \(found.quoted) stands where \(expected) belongs: number the rows 0, 1, 2 and so on"
        case .mixedStreams(let layer):
            "the row of layer \(layer) does not fit its streams: fill img and txt, or from"
                + " the joined layer on only x"
        case .layersDiffer: "Tables 1 and 2 do not have the same layers and streams: complete the shorter one"
        case .notANumber(let cell):
            "the cell \(cell.quoted) is not a number: measure it, or forbid it with inf"
        case .belowZero(let count, let all, let lowest):
            "\(count) of \(all) cells are below zero, down to \(lowest), which losses are only by chance: give the loss of the model, "
                + "such as a signal's decibels below those of the original"
        case .negative(let cell): "the cell \(cell.quoted) is negative: give a number from 0 up"
        case .notPositive(let cell): "the cell \(cell.quoted) is not positive: give a number above 0"
        case .outOfRange(let cell):
            "the cell \(cell.quoted) is too large or too small a number: forbid it with inf, or write 0"
        case .unreadableCell(let cell):
            "the cell \(cell.quoted) cannot be read: write a decimal number with a point, inf or nothing"
        case .unusableNumber(let cell, let use):
            "the \(use.noun) \(cell.quoted) is no number that can be kept: \(use.remedy)"
        case .unreadableNumber(let cell):
            "the cell \(cell.quoted) cannot be read: write a decimal number with a point"
        case .unbalancedQuote:
            "a quote is not closed or stands inside a cell: put quotes"
                + " around the whole cell and double those in it"
        case .tooManyCells(let limit):
            "the line has more than \(limit) cells; check that the file is a table"
        case .tooManyCellsInAll(let limit):
            "the rows up to here have more than \(limit) cells; check that the file is a table"
        case .tooManyLines(let limit):
            "the text has more than \(limit) lines; check that the file is a table"
        case .controlCharacter(let code):
            "there is a control character U+\(Self.hexadecimal(code)): delete it"
        case .notJSON(let problem): "the text is not JSON, \(problem): correct it there"
        case .unknownJSON:
            "the JSON is no impact table that is known: give an array of objects with 'layer', 'format' and"
                + " 'impact', or an object with 'layers'"
        case .notYAML(let problem): "the text is not YAML that can be read, \(problem): correct it there"
        case .anchor: "there is an '&', which begins an anchor in YAML: write the values out"
        case .keyTwice(let key):
            "the key \(key.quoted) is there twice: delete one of the two, or give each a line of its own"
        case .unexpectedValue(let found, let expected): "\(found): give \(expected)"
        case .json(let problem): problem
        case .noParameterCount(let layer):
            "the model has no layer \(layer.quoted), whose number of weights the cells need: give the model that the table is"
                + " of"
        }
    }

    private static func hexadecimal(_ code: UInt32) -> String {
        let digits = String(code, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
