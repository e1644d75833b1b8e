public import Text

/// What can go wrong with impact tables and sensitivities.
public enum SensitivityError: Error, Hashable, Sendable, CustomStringConvertible {
    // Files

    /// A file cannot be read, has too many bytes, or is no text.
    case file(FileError)
    /// The file is an archive, as those of spreadsheet programs are, such as `.xlsx`.
    case archive(path: String)
    /// The file is a page of the web, such as one that says that there is no such file.
    case webPage(path: String)

    // Tables

    /// A table in a text is not as it must be.
    case badTable(file: String, line: Int, problem: TableProblem)
    /// Several cells or rows of a table are not as they must be.
    case badCells(file: String, [TableDefect])
    /// A page of the sensitivity analysis lacks one of its tables, 1 to 3.
    case missingTable(file: String, number: Int)
    /// A table made in code is not as it must be.
    case unusableTable(name: String, problem: TableProblem)

    /// A table compares two formats without naming them, and the caller does not either.
    case formatsNotNamed(file: String)

    /// A table of costs has no row for a format, or none above zero for the source format.
    case noCost(format: String)

    // Sensitivities

    /// The layer is not in the tables; `last` is the last that is.
    case layerOutsideTables(layer: Int, last: Int)
    /// The stream has ended: `img` and `txt` are joined into `x` before `joinLayer`.
    case streamsJoined(stream: Stream, layer: Int, joinLayer: Int)
    /// The stream `x` has not begun: `img` and `txt` are joined into it only before `joinLayer`.
    case streamsApart(layer: Int, joinLayer: Int)
    /// The page has no row for the state that leaves the last layer.
    case noRowAfterLastLayer(layer: Int)
    /// The layer carries other streams.
    case streamNotInLayer(stream: Stream, layer: Int, joinLayer: Int)
    /// The loss is negative, not finite, or so large that its impact is not.
    case unusableLoss(String)
    /// The given `S / sqrt(R)` is negative or not finite.
    case unusableRelativeSensitivity(String)

    // Measuring

    /// A measurement is not as it must be; the text has the cause and the remedy.
    case unusableMeasurement(String)
    /// A file of captured losses is not as it must be; the text has the cause and the remedy.
    case badCapture(file: String, String)

    /// The cause and the remedy, in one clause.
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .archive(let path):
            "\(path): the file is an archive, such as a spreadsheet or a checkpoint of PyTorch, not text: save the table as CSV"
        case .webPage(let path):
            "\(path): the file is a page of the web, not the table: fetch the file itself, which sites call raw"
        case .badTable(let file, let line, let problem): "\(file):\(line): \(problem)"
        case .badCells(let file, let defects): Self.listed(defects, in: file)
        case .missingTable(let file, let number):
            "\(file): the page has no Table \(number): add it, or give the table of impacts alone"
        case .unusableTable(let name, let problem): "table \(name.quoted): \(problem)"
        case .formatsNotNamed(let file):
            "\(file): the sensitivities compare a format of few bits with one of more, but name neither: name"
                + " both, such as MLX_A4_G64 and MLX_A5_G64"
        case .noCost(let format):
            "the costs have no row above zero for \(format.quoted): add one"
        case .layerOutsideTables(let layer, let last):
            "there is no layer \(layer) in the tables: ask for one of 0 to \(last)"
        case .streamsJoined(let stream, let layer, let joinLayer):
            "the page has no row for \(stream.rawValue) before layer \(layer), as img and txt are joined into"
                + " x before layer \(joinLayer): ask for x, unless the caller gives a value"
                + " of S/sqrt(R) for layer \(joinLayer)"
        case .streamsApart(let layer, let joinLayer):
            "the page has no row for x before layer \(layer), as img and txt are joined into"
                + " x only before layer \(joinLayer): ask for img or txt"
        case .noRowAfterLastLayer(let layer):
            "the page has no row for x before layer \(layer), after the last one: ask for an earlier"
                + " layer, unless the caller gives a value of S/sqrt(R)"
        case .streamNotInLayer(let stream, let layer, let joinLayer):
            "layer \(layer) has no stream \(stream.rawValue): ask for img or txt up to layer"
                + " \(joinLayer - 1) and for x from layer \(joinLayer) on"
        case .unusableLoss(let loss): "the loss \(loss) has no impact: give a finite number from 0 up"
        case .unusableRelativeSensitivity(let value):
            "the relative sensitivity \(value) is of no use: give a finite number from 0 up"
        case .unusableMeasurement(let text): text
        case .badCapture(let file, let text): "\(file): \(text)"
        }
    }

    /// A line for each of the defects, for the first ten at most.
    private static func listed(_ defects: [TableDefect], in file: String) -> String {
        let shown = 10
        var lines = defects.prefix(shown).map { "\(file):\($0.line): \($0.problem)" }
        if defects.count > shown { lines.append("\(file): and \(defects.count - shown) more such cells") }
        return lines.joined(separator: "\n")
    }
}

extension SensitivityError: CategorizedError {
    /// That of the file where one is to blame; else what is wrong is in an input.
    public var category: ErrorCategory {
        switch self {
        case .file(let error): error.category
        default: .badData
        }
    }
}
