import Tensors

/// The formats of a table, in the order in which they are met.
struct FormatColumns {
    /// The canonical names.
    private(set) var names: [String] = []
    /// The position of each canonical name.
    private(set) var indices: [String: Int] = [:]
    /// The position of each name in lower case: `q8_0` beside `Q8_0` is a mistake, not a second format.
    private var folded: [String: Int] = [:]

    /// That columns have the names of file types of llama.cpp, and were read as the formats that these are named after.
    private(set) var findings: [ImpactFinding] = []

    /// The name of the format that a column is of: for a file type of llama.cpp, which no format's size is known of, that of the
    /// format that it is named after.
    static func name(of written: String) -> String {
        let name = ImpactTable.canonicalFormat(written)
        guard QuantizationFormat(named: name) == nil else { return name }
        return QuantizationFormat(fileType: name)?.name ?? name
    }

    /// Adds a format, or says why not.
    mutating func add(_ cell: Substring) -> TableProblem? {
        let written = ImpactTable.canonicalFormat(String(cell))
        let name = Self.name(of: written)
        if name != written {
            findings.append(ImpactFinding(layer: nil, formats: [name], kind: .fileType(written: written)))
        }
        if let problem = TableName.problem(inFormat: name) { return problem }
        if let earlier = folded[name.lowercased()] { return .formatTwice(name, earlier: names[earlier]) }
        folded[name.lowercased()] = names.count
        indices[name] = names.count
        names.append(name)
        return nil
    }
}
