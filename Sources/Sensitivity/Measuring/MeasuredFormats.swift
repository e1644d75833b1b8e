import Text

/// The formats that were measured, each of which becomes a column of a table.
struct MeasuredFormats: Hashable, Sendable {
    /// Their names, in the order in which they were first met.
    private(set) var names: [String] = []

    /// No formats.
    init() {}

    /// Formats that were written down.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for one that is there twice, and as ``register(_:)``.
    init(listed: [String]) throws(SensitivityError) {
        for name in listed {
            guard ImpactTable.canonicalFormat(name) == name, !names.contains(name) else {
                throw .unusableMeasurement("the format \(name.quoted) is listed twice: delete one")
            }
            try register(name)
        }
    }

    /// Gives a format a column, unless it has one.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for a name that no column can have, and for too many formats.
    mutating func register(_ name: String) throws(SensitivityError) {
        guard !names.contains(name) else { return }
        if let problem = TableName.problem(inFormat: name) {
            throw .unusableMeasurement("a format cannot be a column of a table: \(problem)")
        }
        guard names.count < ImpactTable.formatLimit else {
            throw .unusableMeasurement(
                "there are too many formats: measure at most \(ImpactTable.formatLimit)"
            )
        }
        names.append(name)
    }
}
