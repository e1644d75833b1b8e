/// The formats of a table, in the order in which they are met.
struct FormatColumns {
    /// The canonical names.
    private(set) var names: [String] = []
    /// The position of each canonical name.
    private(set) var indices: [String: Int] = [:]
    /// The position of each name in lower case: `q8_0` beside `Q8_0` is a mistake, not a second format.
    private var folded: [String: Int] = [:]

    /// Adds a format, or says why not.
    mutating func add(_ cell: Substring) -> TableProblem? {
        let name = ImpactTable.canonicalFormat(String(cell))
        if let problem = TableName.problem(inFormat: name) { return problem }
        if let earlier = folded[name.lowercased()] { return .formatTwice(name, earlier: names[earlier]) }
        folded[name.lowercased()] = names.count
        indices[name] = names.count
        names.append(name)
        return nil
    }
}
