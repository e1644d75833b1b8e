import Text

extension LayerGrouping {
    /// The grouping that a word names: a built-in one, or the one in a file.
    ///
    /// - Parameters:
    ///   - name: The name of a built-in grouping, or the path of a file of rules.
    ///   - tensors: The model's tensors, which a built-in grouping is fitted to.
    /// - Returns: The grouping.
    /// - Throws: ``TensorError/unknownGrouping(_:known:)`` where there is neither, and what ``LayerGroupingReader`` throws.
    public static func named(_ name: String, for tensors: [TensorInfo]) throws(TensorError) -> LayerGrouping {
        if let builtIn = builtIn(named: name) { return builtIn.adapted(to: tensors) }
        do {
            return try LayerGroupingReader.read(path: name)
        } catch .file(let error) where error.problem == .missing {
            throw .unknownGrouping(name, known: builtIns.map(\.name))
        }
    }
}
