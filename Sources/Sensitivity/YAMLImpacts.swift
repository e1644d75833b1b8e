import Text
import Yams

/// Reads impact tables in YAML: a mapping of layers to mappings of formats to impacts.
///
/// ```yaml
/// 0:
///   Q4_1: 110.5
///   Q4_K_S: 125
///   Q8_0: .inf
/// 1: {Q4_1: 98, Q4_K_S: ~}
/// ```
///
/// 1. A layer's key is a text or a number, taken to the letter.
/// 2. A format's key is a name that other programs may have given: `q4_k` is read as `Q4_K`, and the file types of
///    llama.cpp that are one format, such as `Q4_K_S`, as that format; the lint says so.
/// 3. An impact is a decimal number that is not negative. `~`, `null` or nothing forbids the format, and so does
///    `.inf` or `inf`.
///
/// Of a format that stands on two lines of one layer the last value counts, as with the YAML loaders of most languages,
/// so that a table means here what it means to the program that made it; the lint reports both values. A format that
/// stands twice on one line, within braces, is an error: the loader takes it for one key. So is a layer that is
/// there twice. Anchors, and with them aliases, are refused, as a few of them can stand for a text of
/// any size; so are several documents and texts of more than ``byteLimit`` bytes.
///
/// Its impacts are losses: the files of this shape that are known are those of the program cg-mixed-casting, which casts one layer
/// at a time and writes down the mean square error of the model's end. A comment in front, such as `# kind: amplitude`,
/// says otherwise, see ``ImpactMeaning``.
enum YAMLImpacts {
    /// What the cells are unless a comment says otherwise.
    static let meaning = ImpactMeaning(
        kind: .loss,
        unit: "mean square error of the end",
        method: "measured"
    )

    /// The largest text that is read, in bytes.
    static let byteLimit = 4_000_000

    /// Whether a text begins as a mapping in YAML does, with a key and a colon before any comma.
    static func isMapping(_ lines: [TextLine]) -> Bool {
        let first = lines.first { line in
            !line.isBlank && !line.text.hasPrefix("#") && !line.text.hasPrefix("%") && line.text != "---"
        }
        guard let bytes = first?.text.utf8 else { return false }
        for index in bytes.indices {
            if bytes[index] == UInt8(ascii: ",") { return false }
            guard bytes[index] == UInt8(ascii: ":") else { continue }
            let next = bytes.index(after: index)
            if next == bytes.endIndex || bytes[next] == UInt8(ascii: " ") { return true }
        }
        return false
    }

    static func table(
        text: String,
        lines: [TextLine],
        name: String,
        file: String
    ) throws(SensitivityError) -> ImpactTable {
        guard text.utf8.count <= byteLimit else {
            throw .file(FileError(path: file, .tooLarge(limit: byteLimit)))
        }
        try refuseAnchors(in: lines, file: file)
        guard let root = try compose(tagged(text), file: file) else {
            throw TextPosition(file: file, line: 1).error(.noLayers)
        }
        guard case .mapping(let layers) = root else {
            throw TextPosition(file: file, line: root.mark?.line ?? 1)
                .error(.unexpectedValue("the top level is no mapping", expected: "a key per layer"))
        }
        var nested: [NestedCells] = []
        var problems = ProblemList(file: file)
        for (key, value) in layers {
            let layer = try keyText(key, file: file)
            let line = key.mark?.line ?? 1
            guard case .mapping(let formats) = value else {
                throw TextPosition(file: file, line: line)
                    .error(
                        .unexpectedValue(
                            "layer \(layer.quoted) is no mapping",
                            expected: "a key per format"
                        )
                    )
            }
            var cells: [(format: String, cell: ImpactCell, line: Int)] = []
            for (key, value) in formats {
                let format = try keyText(key, file: file)
                let position = TextPosition(file: file, line: key.mark?.line ?? line)
                guard case .scalar(let scalar) = value else {
                    throw position.error(
                        .unexpectedValue(
                            "\(format.quoted) of layer \(layer.quoted) is no single value",
                            expected: "a number, ~ or .inf"
                        )
                    )
                }
                let read = try problems.collect { () throws(SensitivityError) in
                    try cell(scalar, at: position)
                }
                cells.append((format, read ?? .forbidden(.blank), position.line))
            }
            nested.append(NestedCells(layer: layer, line: line, cells: cells))
        }
        try problems.check()
        let table = try ImpactTable(name: name, file: file, nested: nested, importsFormats: true)
        return table.with(
            meaning: try ImpactMeaning(comments: ImpactMeaning.leadingComments(in: lines), file: file)
                ?? meaning
        )
    }

    private static func keyText(_ key: Node, file: String) throws(SensitivityError) -> String {
        guard case .scalar(let scalar) = key else {
            throw TextPosition(file: file, line: key.mark?.line ?? 1)
                .error(
                    .unexpectedValue("a key is no single value", expected: "the name of a layer or format")
                )
        }
        return scalar.string
    }

    private static func cell(
        _ scalar: Node.Scalar,
        at position: TextPosition
    ) throws(SensitivityError) -> ImpactCell {
        let text = CellText.trimmed(scalar.string[...])
        if scalar.style == .plain {
            // YAML 1.2, section 10.3.2.
            switch text {
            case "~", "null", "Null", "NULL": return .forbidden(.blank)
            case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .forbidden(.infinite)
            case ".nan", ".NaN", ".NAN": throw position.error(.notANumber(String(text)))
            case "-.inf", "-.Inf", "-.INF": throw position.error(.negative(String(text)))
            default: break
            }
        }
        return try CellText.impact(text, at: position)
    }

    /// Throws where something may be an anchor: an `&` that begins a word.
    private static func refuseAnchors(in lines: [TextLine], file: String) throws(SensitivityError) {
        for line in lines where !line.text.utf8.allSatisfy({ $0 != UInt8(ascii: "&") }) {
            var previous = UInt8(ascii: " ")
            for byte in line.text.utf8 {
                if byte == UInt8(ascii: "&"), " \t[{,:?-".utf8.contains(previous) {
                    throw TextPosition(file: file, line: line.number).error(.anchor)
                }
                previous = byte
            }
        }
    }

    /// The text with a tag of its own before each key that begins a line.
    ///
    /// Yams refuses a mapping in which a key stands twice, and two keys are the same only if their tags are. A tag
    /// within a value of several lines changes its text, but no such value is an impact.
    private static func tagged(_ text: String) -> String {
        var tagged: [UInt8] = []
        tagged.reserveCapacity(text.utf8.count * 2)
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if index > 0 { tagged.append(UInt8(ascii: "\n")) }
            let content = line.drop { $0 == UInt8(ascii: " ") }
            tagged += line[..<content.startIndex]
            if let first = content.first, !"#%-?:,[]{}&*!|>@`.\t\r".utf8.contains(first),
                content.contains(UInt8(ascii: ":"))
            {
                tagged += "!\(index) ".utf8
            }
            tagged += content
        }
        return String(decoding: tagged, as: UTF8.self)
    }

    private static func compose(_ text: String, file: String) throws(SensitivityError) -> Node? {
        do {
            return try Yams.compose(yaml: text, .default, .default, .utf8)
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                // libyaml names a setting of its own where the nesting is too deep.
                let isTooDeep = problem.contains("yaml_set_max_nest_level")
                throw TextPosition(file: file, line: mark.line)
                    .error(.notYAML(isTooDeep ? "it is nested deeper than any table" : problem))
            case .duplicatedKeysInMapping(let keys, let context):
                throw TextPosition(file: file, line: context.mark.line)
                    .error(.keyTwice(keys.first ?? ""))
            case .reader(let problem, _, _, _):
                throw TextPosition(file: file, line: 1).error(.notYAML(problem))
            default: throw TextPosition(file: file, line: 1).error(.notYAML("it cannot be read"))
            }
        } catch {
            throw TextPosition(file: file, line: 1).error(.notYAML("it cannot be read"))
        }
    }
}
