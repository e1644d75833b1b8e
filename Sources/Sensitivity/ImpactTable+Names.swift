extension ImpactTable {
    /// How a table's names of layers become a model's: a beginning is replaced, and the case of letters may not count.
    public struct NameChange: Hashable, Sendable, CustomStringConvertible {
        /// The beginning that the table's names have.
        public var old: String
        /// What stands in its place in the model's.
        public var new: String

        /// Creates a change.
        public init(old: String, new: String) {
            self.old = old
            self.new = new
        }

        /// The change as `OLD=NEW`.
        public var description: String { "\(old)=\(new)" }
    }

    /// A change of beginnings by which every layer of the table becomes one of a model's, or nil where there is none.
    ///
    /// - Parameter modelLayers: The names of the model's layers.
    /// - Returns: The change that makes all of them fit.
    public func nameChange(toFit modelLayers: [String]) -> NameChange? {
        guard let first = layers.first else { return nil }
        let known = Set(modelLayers)
        for other in modelLayers.sorted(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }) {
            // What is common at the end, up to a dot, is the name; what stands before it on either side is the beginning.
            let change: NameChange
            if other.hasSuffix("." + first) {
                change = NameChange(old: "", new: String(other.dropLast(first.count)))
            } else if first.hasSuffix("." + other) {
                change = NameChange(old: String(first.dropLast(other.count)), new: "")
            } else {
                continue
            }
            if layers.allSatisfy({ Self.changed($0, by: change).map(known.contains) ?? false }) {
                return change
            }
        }
        return nil
    }

    /// A change of beginnings by which every layer of the table becomes one of a model's if then the case of letters does not count.
    ///
    /// - Parameter modelLayers: The names of the model's layers.
    /// - Returns: The change, in the table's own letters; nil where there is none, or two layers of the model differ by case alone.
    public func nameChangeIgnoringCase(toFit modelLayers: [String]) -> NameChange? {
        guard let first = layers.first, let lower = try? renamingLayers({ $0.lowercased() }),
            var change = lower.nameChange(toFit: modelLayers.map { $0.lowercased() })
        else { return nil }
        change.old = String(first.prefix(change.old.count))
        let changed = layers.compactMap { Self.changed($0, by: change) }
        guard changed.count == layers.count,
            let renamed = try? renamingLayers({ Self.changed($0, by: change) ?? $0 }),
            renamed.lettersFitting(modelLayers) != nil
        else { return nil }
        return change
    }

    /// The names of a model's layers in which every layer of the table is found if the case of letters does not count, by the
    /// table's names; nil where one is not found, or two are.
    ///
    /// - Parameter modelLayers: The names of the model's layers.
    /// - Returns: The model's names by the table's.
    public func lettersFitting(_ modelLayers: [String]) -> [String: String]? {
        var byLowercase: [String: String] = [:]
        for name in modelLayers {
            guard byLowercase.updateValue(name, forKey: name.lowercased()) == nil else { return nil }
        }
        var names: [String: String] = [:]
        for layer in layers {
            guard let name = byLowercase[layer.lowercased()] else { return nil }
            names[layer] = name
        }
        return Set(names.values).count == layers.count ? names : nil
    }

    /// A name with another beginning, or nil for one that does not begin so.
    static func changed(_ name: String, by change: NameChange) -> String? {
        name.hasPrefix(change.old) ? change.new + name.dropFirst(change.old.count) : nil
    }

    /// The table with other names for its layers.
    ///
    /// - Parameter rename: The new name of a layer.
    /// - Returns: The table; its findings are those of the old one.
    /// - Throws: ``SensitivityError/unusableTable(name:problem:)`` where two layers would have one name.
    public func renamingLayers(_ rename: (String) -> String) throws(SensitivityError) -> ImpactTable {
        try ImpactTable(
            name: name,
            formats: formats,
            layers: layers.map(rename),
            cells: cells,
            byteCounts: byteCounts,
            standardErrors: standardErrors,
            meaning: meaning,
            readingFindings: readingFindings
        )
    }
}
